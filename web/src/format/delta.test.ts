import { describe, expect, it } from 'vitest';
import { deltaOf, formatPercent, priceTone, rankTone, senseOf } from './delta';

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
  it('call no direction good unless somebody chose one', () => {
    expect([priceTone('down', 'neutral'), priceTone('up', 'neutral')]).toEqual(['cool', 'warm']);
    expect([priceTone('down', 'red'), priceTone('up', 'red')]).toEqual(['good', 'bad']);
    expect([priceTone('down', 'green'), priceTone('up', 'green')]).toEqual(['bad', 'good']);
  });

  it('follow the team where it says which colour a rise has', () => {
    expect([senseOf('red'), senseOf('green'), senseOf(undefined), senseOf('blue')]).toEqual(['red', 'green', 'neutral', 'neutral']);
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
