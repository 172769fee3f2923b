import { describe, expect, it } from 'vitest';
import { countdown, intervalChoices, MOST_KEYWORDS, withKeywords } from './round';

describe('withKeywords', () => {
  it('takes each word once, whatever its case', () => {
    expect(withKeywords(['labubu'], ['Labubu', 'skullpanda', '', '拉布布'])).toEqual(['labubu', 'skullpanda', '拉布布']);
  });

  it('stops at what the server takes', () => {
    const many = Array.from({ length: MOST_KEYWORDS + 5 }, (_, index) => `word ${index}`);
    expect(withKeywords([], many)).toHaveLength(MOST_KEYWORDS);
  });
});

describe('countdown', () => {
  const now = new Date('2026-03-01T12:00:00Z');
  const after = (seconds: number) => countdown(new Date(now.getTime() + seconds * 1000), now);

  it('counts hours only where there are some', () => {
    expect(after(59.2)).toBe('01:00');
    expect(after(3_599)).toBe('59:59');
    expect(after(3_723)).toBe('1:02:03');
    expect(after(604_800)).toBe('168:00:00');
  });

  it('does not count below nothing', () => {
    expect(after(-5)).toBe('00:00');
  });
});

describe('intervalChoices', () => {
  it('offers what is set, in its place', () => {
    expect(intervalChoices(1_000)).toContain(1_000);
    expect(intervalChoices(3_600).filter((each) => each === 3_600)).toHaveLength(1);
    expect(intervalChoices(1_000)).toEqual(intervalChoices(1_000).toSorted((a, b) => a - b));
  });
});
