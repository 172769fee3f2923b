import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it, vi } from 'vitest';
import type { CrawlFinished } from './kinds';
import { read, Receiver } from './receive';

// Nothing is asked of a server here.
vi.mock('../api/client', () => ({}));

const finished = {
  id: '1',
  kind: 'crawl.finished',
  data: { crawl_id: 'a', trigger: 'manual', status: 'partial', total: 3, succeeded: 2, failed: 1, cancelled: 0 },
};

describe('the receiver', () => {
  it('tells the end of a crawl once, even when it comes twice', () => {
    const told: CrawlFinished[] = [];
    const receiver = new Receiver(new QueryClient(), () => undefined, (crawl) => told.push(crawl));
    receiver.take(finished);
    receiver.take({ ...finished, id: '2' });
    receiver.take({ ...finished, id: '3', data: { ...finished.data, crawl_id: 'b' } });
    expect(told.map((crawl) => crawl.crawl_id)).toEqual(['a', 'b']);
    receiver.close();
  });

  it('tells of a limit that is nearly used up', () => {
    const told: string[] = [];
    const receiver = new Receiver(new QueryClient(), () => undefined, undefined, (warning) => told.push(warning.name));
    const data = { name: 'members', used: 4, allowed: 5, percent: 80 };
    receiver.take({ id: '1', kind: 'quota.warning', data });
    receiver.take({ id: '2', kind: 'quota.warning', data: { name: 'members' } });
    expect(told).toEqual(['members']);
    receiver.close();
  });

  it('knows what it can use', () => {
    expect(read(finished)?.kind).toBe('crawl.finished');
    expect(read({ ...finished, data: { crawl_id: 'a' } })).toBeNull();
    expect(read({ ...finished, kind: 'something.else' })).toBeNull();
  });
});
