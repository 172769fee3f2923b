import { describe, expect, it } from 'vitest';
import type { Statistics } from '../../api/types';
import { about, knownDays, reaching, rowsOf, standing, weekdayName } from './choose';

const windows = (covered: number) => [30, 90, 180, 365].map((days) => ({ days, covered_days: Math.min(days, covered) }));
const days = (covered: number) => reaching(windows(covered)).map((window) => window.days);

describe('reaching', () => {
  it('shows no window that says the same as a shorter one', () => {
    expect(days(3)).toEqual([30]);
    expect(days(30)).toEqual([30]);
    expect(days(45)).toEqual([30, 90]);
    expect(days(365)).toEqual([30, 90, 180, 365]);
  });
});

describe('knownDays', () => {
  it('tells how much of a window is missing', () => {
    expect(knownDays({ days: 30, covered_days: 27 })).toBeNull();
    expect(knownDays({ days: 30, covered_days: 12.9 })).toBe(12);
    expect(knownDays({ days: 30, covered_days: 0 })).toBe(0);
  });
});

describe('about', () => {
  it('rounds to what people say', () => {
    expect(about(6.6 * 86_400)).toBe(7 * 86_400);
    expect(about(26 * 3_600 + 40)).toBe(26 * 3_600);
    expect(about(20)).toBe(60);
  });
});

describe('standing', () => {
  const price = (cheaper: number | null, dearer: number | null) =>
    standing({ cheaper_than_percent: cheaper, dearer_than_percent: dearer } as NonNullable<Statistics['price']>);
  it('says the greater of both, never more than is true', () => {
    expect(price(83.99, 4)).toEqual({ word: 'cheaper', percent: 83 });
    expect(price(10, 40.5)).toEqual({ word: 'dearer', percent: 40 });
    expect(price(0, 0)).toEqual({ word: 'same', percent: 0 });
    expect(price(0, 0.2)).toBeNull();
    expect(price(0.9, 0)).toBeNull();
    expect(price(null, null)).toBeNull();
  });
});

describe('weekdayName', () => {
  it('begins the week on Monday', () => {
    expect(weekdayName(1, 'en')).toBe('Monday');
    expect(weekdayName(7, 'zh-Hans')).toBe('星期日');
  });
});

describe('rowsOf', () => {
  it('puts the numbers of a window side by side and leaves out windows that say nothing more', () => {
    const statistics = {
      price: { averages: windows(45).map((window) => ({ ...window, price: { amount: '9.00', currency: 'EUR' } })) },
      rank: null,
      stock: { out_of_stock: windows(45).map((window) => ({ ...window, percent: 2.5 })) },
    } as unknown as Statistics;
    expect(rowsOf(statistics)).toEqual([
      { days: 30, covered: 30, price: { amount: '9.00', currency: 'EUR' }, rank: null, out: 2.5 },
      { days: 90, covered: 45, price: { amount: '9.00', currency: 'EUR' }, rank: null, out: 2.5 },
    ]);
  });

  it('has no row where nothing is known', () => {
    const nothing = { price: null, rank: null, stock: { out_of_stock: windows(0) } } as unknown as Statistics;
    expect(rowsOf(nothing)).toEqual([]);
  });
});
