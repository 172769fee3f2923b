import { describe, expect, it } from 'vitest';
import type { History } from '../api/types';
import { addressOf, idsOf, MOST, toggled } from './choice';
import { changesOf, currenciesOf, linesOf, LOOKS, moveOf } from './lines';

const at = (day: number) => Date.UTC(2026, 0, day);
const iso = (day: number) => new Date(at(day)).toISOString();

const history = (product_id: number, currency: string): History => ({
  product_id,
  from: iso(1),
  to: iso(9),
  thinned: false,
  metrics: { price: { t: [iso(1), iso(3), iso(5)], v: ['20.00', null, '25.00'], currency } },
});

describe('the products of an address', () => {
  it('are ids, each once, and no more than can be drawn', () => {
    expect(idsOf('17,23,17,x,-4,1.5,,23')).toEqual([17, 23]);
    expect(idsOf('1,2,3,4,5,6,7,8')).toHaveLength(MOST);
    expect(idsOf(null)).toEqual([]);
    expect(idsOf(addressOf([4, 2]).split('=')[1] ?? '')).toEqual([4, 2]);
  });

  it('are put in and taken out one by one', () => {
    expect(toggled([1, 2], 2)).toEqual([1]);
    expect(toggled([1], 2)).toEqual([1, 2]);
    expect(toggled([1, 2, 3, 4, 5, 6], 7)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('looks', () => {
  it('differ in more than colour', () => {
    expect(LOOKS).toHaveLength(MOST);
    for (const part of ['letter', 'role', 'symbol'] as const) {
      expect(new Set(LOOKS.map((look) => look[part])).size).toBe(MOST);
    }
    expect(new Set(LOOKS.map((look) => String(look.dash))).size).toBe(MOST);
  });
});

describe('linesOf', () => {
  it('keeps the order of the choice, whatever the order of the answer', () => {
    const lines = linesOf([5, 9, 4], [history(4, 'USD'), history(5, 'EUR')], 'price');
    expect(lines.map((line) => [line.id, line.look.letter])).toEqual([
      [5, 'A'],
      [4, 'C'],
    ]);
    expect(currenciesOf(lines)).toEqual(['EUR', 'USD']);
    expect(linesOf([4], [history(4, 'USD')], 'rank')[0]?.points).toEqual([]);
  });
});

describe('changesOf', () => {
  const points = linesOf([4], [history(4, 'USD')], 'price')[0]?.points ?? [];

  it('measures against what held at the beginning and keeps gaps', () => {
    expect(changesOf(points, at(2))).toEqual([
      { at: at(2), value: '0' },
      { at: at(3), value: null },
      { at: at(5), value: '25' },
    ]);
    expect(moveOf(points, at(2))).toBe(25);
  });

  it('begins with the first value where none held before', () => {
    expect(changesOf(points, at(4))).toEqual([{ at: at(5), value: '0' }]);
    expect(changesOf([], at(4))).toEqual([]);
    expect(moveOf([{ at: at(1), value: '0' }], at(1))).toBeNull();
  });
});
