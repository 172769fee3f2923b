import { describe, expect, it } from 'vitest';
import { windowOf } from './ranges';

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
