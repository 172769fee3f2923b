import { describe, expect, it } from 'vitest';
import { heightAt, jumpsOf, pointsOf, rowsOf, stepsOf, summarize, valueAt } from './series';

const at = (day: number) => Date.UTC(2026, 0, day);
const iso = (day: number) => new Date(at(day)).toISOString();

const price = pointsOf({ t: [iso(1), iso(3), iso(5), iso(6)], v: ['20.00', null, '19.50', '20.00'], currency: 'USD' });

describe('pointsOf', () => {
  it('orders by time and keeps gaps and digits', () => {
    expect(pointsOf({ t: [iso(2), iso(1), 'never'], v: [null, '19.90', '1'] })).toEqual([
      { at: at(1), value: '19.90' },
      { at: at(2), value: null },
    ]);
    expect(pointsOf({ t: [iso(1)], v: [412] })).toEqual([{ at: at(1), value: '412' }]);
    expect(pointsOf(undefined)).toEqual([]);
  });
});

describe('stepsOf', () => {
  it('holds a value up to the gap, leaves the gap open and holds the last to the end', () => {
    expect(stepsOf(price, at(8))).toEqual([
      [at(1), 20],
      [at(3), 20],
      [at(3), null],
      [at(5), 19.5],
      [at(6), 20],
      [at(8), 20],
    ]);
  });

  it('does not draw past the start of a gap that still lasts', () => {
    const gone = pointsOf({ t: [iso(1), iso(2)], v: ['5', null] });
    expect(stepsOf(gone, at(9)).at(-1)).toEqual([at(2), null]);
  });
});

describe('jumpsOf', () => {
  const moves = pointsOf({ t: [iso(1), iso(2), iso(3), iso(4), iso(5)], v: ['9.90', '10.00', '8', null, '12'] });

  it('tells rises from falls and draws nothing over a gap', () => {
    expect(jumpsOf(moves, 'up')).toEqual([[at(2), 9.9], [at(2), 10], [at(2), null]]);
    expect(jumpsOf(moves, 'down')).toEqual([[at(3), 10], [at(3), 8], [at(3), null]]);
  });
});

describe('valueAt', () => {
  it('knows before, gap and value', () => {
    expect(valueAt(price, at(1) - 1)).toBeUndefined();
    expect(valueAt(price, at(1))).toBe('20.00');
    expect(valueAt(price, at(4))).toBeNull();
    expect(valueAt(price, at(30))).toBe('20.00');
  });
});

describe('heightAt', () => {
  it('is the value, or the last one before a gap, or the first of all', () => {
    expect(heightAt(price, at(5))).toBe(19.5);
    expect(heightAt(price, at(4))).toBe(20);
    expect(heightAt(price, at(1) - 1)).toBe(20);
    expect(heightAt([], at(1))).toBeNaN();
  });
});

describe('summarize', () => {
  it('finds the extremes with the day they were first reached', () => {
    expect(summarize(price)).toEqual({
      current: '20.00',
      lowest: { value: '19.50', at: at(5) },
      highest: { value: '20.00', at: at(1) },
    });
    expect(summarize([])).toEqual({ current: null, lowest: null, highest: null });
  });
});

describe('rowsOf', () => {
  it('has all values of every instant, newest first', () => {
    const rank = pointsOf({ t: [iso(2)], v: [7] });
    expect(rowsOf([price, rank])).toEqual([
      { at: at(6), values: ['20.00', '7'] },
      { at: at(5), values: ['19.50', '7'] },
      { at: at(3), values: [null, '7'] },
      { at: at(2), values: ['20.00', '7'] },
      { at: at(1), values: ['20.00', undefined] },
    ]);
  });
});
