import { describe, expect, it } from 'vitest';
import { countdown, secondsUntil } from './wait';

describe('countdown', () => {
  it('reads like a clock', () => {
    expect(countdown(5)).toBe('0:05');
    expect(countdown(125)).toBe('2:05');
    expect(countdown(3_661)).toBe('1:01:01');
  });
});

describe('secondsUntil', () => {
  it('counts a begun second and nothing beyond the end', () => {
    expect(secondsUntil(10_500, 10_000)).toBe(1);
    expect(secondsUntil(10_000, 10_000)).toBe(0);
    expect(secondsUntil(9_000, 10_000)).toBe(0);
  });
});
