import { describe, expect, it } from 'vitest';
import { isCommon, isMoment, ordered } from './attributes';

describe('ordered', () => {
  it('puts the common facts first and leaves out what says nothing', () => {
    const facts = { 'Shell colour': 'red', weight: '85 g', release_date: '2026-03-01', material: ' ', Battery: 'none' };
    expect(ordered(facts).map(([name]) => name)).toEqual(['release_date', 'weight', 'Battery', 'Shell colour']);
    expect(isCommon('weight')).toBe(true);
    expect(isCommon('constructor')).toBe(false);
  });
});

describe('isMoment', () => {
  it('takes days and instants, not other numbers', () => {
    expect(isMoment('2026-03-01')).toBe(true);
    expect(isMoment('2026-03-01T10:00:00+08:00')).toBe(true);
    expect(isMoment('2026-13-01')).toBe(false);
    expect(isMoment('2026')).toBe(false);
    expect(isMoment('Q1 2026')).toBe(false);
  });
});
