import { describe, expect, it } from 'vitest';
import { closedOf, closing, warningKey, worstOf } from './dismissed';

const item = (name: string, state: string, percent: number) => ({ name, state, percent, unit: 'count', used: percent, allowed: 100 });

describe('worstOf', () => {
  it('puts what is used up before what nearly is', () => {
    const items = [item('members', 'warning', 99), item('crawls_per_day', 'exceeded', 100), item('tracked_products', 'ok', 10)];
    expect(worstOf(items)?.name).toBe('crawls_per_day');
    expect(worstOf(items.slice(2))).toBeNull();
  });

  it('is silent about what the plan has none of', () => {
    expect(worstOf([{ ...item('llm_tokens_per_month', 'exceeded', 100), used: 0, allowed: 0 }])).toBeNull();
  });
});

describe('warningKey', () => {
  const usage = { period: { day: '2026-03-01', month: '2026-03' } };

  it('comes back with the next period and the next level', () => {
    const day = warningKey(usage, item('crawls_per_day', 'warning', 80));
    expect(warningKey({ period: { day: '2026-03-02', month: '2026-03' } }, item('crawls_per_day', 'warning', 80))).not.toBe(day);
    expect(warningKey(usage, item('crawls_per_day', 'exceeded', 100))).not.toBe(day);
    const month = warningKey(usage, item('members', 'warning', 80));
    expect(warningKey({ period: { day: '2026-03-02', month: '2026-03' } }, item('members', 'warning', 85))).toBe(month);
  });
});

describe('closed warnings', () => {
  it('are kept beside each other, and the oldest forgotten', () => {
    expect(closing(closing(closing([], 'a'), 'b'), 'a')).toEqual(['b', 'a']);
    const many = Array.from({ length: 100 }, (_, index) => String(index)).reduce<readonly string[]>(closing, []);
    expect([many.length, many.at(-1)]).toEqual([60, '99']);
  });

  it('are read only where they are a list', () => {
    expect(closedOf(JSON.stringify(['a', 1]))).toEqual(['a']);
    expect([closedOf(null), closedOf('acme members warning 2026-03'), closedOf('{}')]).toEqual([[], [], []]);
  });
});
