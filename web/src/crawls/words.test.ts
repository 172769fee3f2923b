import { describe, expect, it } from 'vitest';
import type { Crawl } from '../api/types';
import { canCancel, canRetry, partsOf, secondsOf } from './words';

const crawl = (parts: Partial<Crawl>): Crawl => ({
  id: 'a',
  trigger: 'manual',
  priority: 'high',
  status: 'running',
  percentage: 0,
  message: '',
  total: 10,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  rate: null,
  eta_seconds: null,
  sources: ['amazon'],
  waits: [],
  started_at: '2026-01-01T00:00:00Z',
  begun_at: null,
  finished_at: null,
  ...parts,
});

describe('a crawl', () => {
  it('can be cancelled while it goes on, once', () => {
    expect(canCancel(crawl({ status: 'idle' }))).toBe(true);
    expect(canCancel(crawl({ status: 'cancelled' }))).toBe(false);
    expect(canCancel(crawl({ status: 'completed', finished_at: '2026-01-01T00:01:00Z' }))).toBe(false);
  });

  it('can be repeated where it failed, when it is over', () => {
    const over = { finished_at: '2026-01-01T00:01:00Z' };
    expect(canRetry(crawl({ status: 'partial', failed: 2, ...over }))).toBe(true);
    expect(canRetry(crawl({ status: 'running', failed: 2 }))).toBe(false);
    expect(canRetry(crawl({ status: 'completed', ...over }))).toBe(false);
  });

  it('fills its bar by what became of its products', () => {
    const shares = partsOf(crawl({ succeeded: 5, failed: 2, cancelled: 3 })).map((part) => part.share);
    expect(shares).toEqual([0.5, 0.2, 0.3]);
    expect(partsOf(crawl({ total: 0 }))[0]?.share).toBe(0);
  });

  it('takes as long as it took, or has taken so far', () => {
    expect(secondsOf(crawl({ finished_at: '2026-01-01T00:01:05Z' }), 0)).toBe(65);
    expect(secondsOf(crawl({}), Date.parse('2026-01-01T00:00:07Z'))).toBe(7);
    expect(secondsOf(crawl({}), 0)).toBe(0);
  });
});
