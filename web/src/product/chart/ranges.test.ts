import { describe, expect, it } from 'vitest';
import { askedFrom, windowOf } from './ranges';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const last = Date.UTC(2026, 2, 1);

describe('windowOf', () => {
  it('shows the range, or less when there is less', () => {
    expect(windowOf('7d', last - 90 * DAY, last)).toEqual({ from: last - 7 * DAY, to: last });
    expect(windowOf('90d', last - 2 * DAY, last)).toEqual({ from: last - 2 * DAY, to: last });
    expect(windowOf('all', last - 400 * DAY, last)).toEqual({ from: last - 400 * DAY, to: last });
  });

  it('puts a single look in the middle of an hour', () => {
    expect(windowOf('90d', last, last)).toEqual({ from: last - HOUR / 2, to: last + HOUR / 2 });
  });

  it('has a window even without a point', () => {
    expect(windowOf('all', Infinity, last)).toEqual({ from: last - HOUR / 2, to: last + HOUR / 2 });
  });
});

describe('askedFrom', () => {
  const now = new Date('2026-03-01T10:42:17.345Z');
  it('is on the hour, or on the day for long ranges, and never after the range starts', () => {
    expect(askedFrom('7d', now)?.toISOString()).toBe('2026-02-22T10:00:00.000Z');
    expect(askedFrom('30d', now)?.toISOString()).toBe('2026-01-30T10:00:00.000Z');
    expect(askedFrom('90d', now)?.toISOString()).toBe('2025-12-01T00:00:00.000Z');
    expect(askedFrom('365d', now)?.toISOString()).toBe('2025-03-01T00:00:00.000Z');
    expect(askedFrom('all', now)).toBeNull();
  });
});
