import { describe, expect, it } from 'vitest';
import { deltaOf, formatPercent, priceTone, rankTone } from './delta';

describe('deltaOf', () => {
  it('tells the direction with an arrow', () => {
    expect(deltaOf(-20)).toEqual({ direction: 'down', arrow: '↓', percent: -20 });
    expect(deltaOf(3.4)).toEqual({ direction: 'up', arrow: '↑', percent: 3.4 });
  });

  it('knows no change from no knowledge', () => {
    expect(deltaOf(0.01)?.direction).toBe('same');
    expect(deltaOf(null)).toBeNull();
    expect(deltaOf(undefined)).toBeNull();
    expect(deltaOf(Number.NaN)).toBeNull();
  });
});

describe('tones', () => {
  it('call no direction good unless the reader chose one', () => {
    expect([priceTone('down', 'neutral'), priceTone('up', 'neutral')]).toEqual(['cool', 'warm']);
    expect([priceTone('down', 'buyer'), priceTone('up', 'buyer')]).toEqual(['good', 'bad']);
    expect([priceTone('down', 'seller'), priceTone('up', 'seller')]).toEqual(['bad', 'good']);
  });

  it('call a smaller rank better', () => {
    expect(rankTone('down')).toBe('good');
    expect(rankTone('up')).toBe('bad');
  });
});

describe('formatPercent', () => {
  it('always has a sign and few digits', () => {
    expect(formatPercent(3.44, 'en-US')).toBe('+3.4%');
    expect(formatPercent(-12.6, 'en-US')).toBe('-13%');
    expect(formatPercent(-9.96, 'en-US')).toBe('-10%');
  });
});
