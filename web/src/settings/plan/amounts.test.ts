import { describe, expect, it } from 'vitest';
import { measureOf, shareOf } from './amounts';

describe('measureOf', () => {
  it('knows money and times from things', () => {
    expect(measureOf({ name: 'source_spend_cents_per_month', unit: 'cents' })).toBe('dollars');
    expect(measureOf({ name: 'min_interval_seconds', unit: 'seconds' })).toBe('seconds');
    expect(measureOf({ name: 'retention_days', unit: 'days' })).toBe('days');
    expect(measureOf({ name: 'crawls_per_day', unit: 'fetches' })).toBe('count');
    expect(measureOf({ name: 'tracked_products', unit: '' })).toBe('count');
  });
});

describe('shareOf', () => {
  it('stays within the bar', () => {
    expect(shareOf({ used: 0, allowed: 10 })).toBe(0);
    expect(shareOf({ used: 5, allowed: 10 })).toBe(0.5);
    expect(shareOf({ used: 12, allowed: 10 })).toBe(1);
    expect(shareOf({ used: 1, allowed: 100_000 })).toBe(0.01);
    // A plan that allows none of it.
    expect(shareOf({ used: 1, allowed: 0 })).toBe(1);
    expect(shareOf({ used: 0, allowed: 0 })).toBe(0);
  });
});
