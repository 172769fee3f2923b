import { describe, expect, it } from 'vitest';
import type { Firing } from '../api/types';
import type { Point } from '../product/chart/series';
import { figuresOf, marksOf, metricsOf } from './marks';

const at = (day: number) => Date.UTC(2026, 0, day);
const fired = (day: number, metric: string | null): Firing => ({
  occurred_at: new Date(at(day)).toISOString(),
  kind: 'price',
  metric,
  severity: 'warning',
  before: null,
  after: null,
});
const price: Point[] = [
  { at: at(1), value: '20' },
  { at: at(3), value: null },
];
const rank: Point[] = [{ at: at(1), value: '7' }];

describe('figuresOf', () => {
  it('draws what a rule is about, and the price where it is about no figure', () => {
    expect(figuresOf({ test: 'level', metric: 'rating', at_or_below: 4 })).toEqual({ left: 'rating', rank: false });
    expect(figuresOf({ test: 'buy_box', event: 'changed' })).toEqual({ left: 'price', rank: false });
    const both = figuresOf({
      all: [
        { test: 'move', metric: 'rank', percent: 30 },
        { test: 'extreme', metric: 'buy_box_price', extreme: 'lowest', days: 30 },
      ],
    });
    expect(metricsOf(both)).toBe('buy_box_price,rank');
  });
});

describe('marksOf', () => {
  it('puts a mark on its own line, and on the other one in a gap', () => {
    expect(marksOf([fired(2, 'price'), fired(2, 'rank'), fired(4, 'price'), fired(2, null)], price, rank).map(({ on }) => on)).toEqual([
      'price',
      'rank',
      'rank',
      'price',
    ]);
  });

  it('stays on its line where the other one says nothing', () => {
    expect(marksOf([fired(4, 'price')], price, [])).toEqual([{ at: at(4), on: 'price' }]);
    expect(marksOf([fired(4, null)], [], rank)).toEqual([{ at: at(4), on: 'rank' }]);
  });
});
