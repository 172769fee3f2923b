import type { History, Product } from '../api/types';
import { type Point, pointsOf, summarize, type Summary, valueAt } from '../product/chart/series';
import { MOST, type Metric } from './choice';

/** How a line looks: nobody has to tell it by its colour alone. */
export interface Look {
  letter: string;
  /** A colour role of the page. */
  role: string;
  dash: 'solid' | number[];
  symbol: string;
}

/** One look a place; a product keeps its place as long as the choice stays. */
export const LOOKS: readonly Look[] = [
  { letter: 'A', role: 'series-1', dash: 'solid', symbol: 'circle' },
  { letter: 'B', role: 'series-2', dash: [8, 4], symbol: 'rect' },
  { letter: 'C', role: 'series-3', dash: [2, 3], symbol: 'triangle' },
  { letter: 'D', role: 'series-4', dash: [12, 4, 2, 4], symbol: 'diamond' },
  { letter: 'E', role: 'series-5', dash: [5, 2], symbol: 'roundRect' },
  { letter: 'F', role: 'series-6', dash: [14, 6], symbol: 'arrow' },
];

export const lookOf = (place: number): Look => LOOKS[place % MOST] as Look;

/** One product's line. */
export interface Line {
  id: Product['id'];
  look: Look;
  points: Point[];
  currency: string | null;
  summary: Summary;
  /** Up to here its values are known. */
  end: number;
}

/** The lines of one metric, in the order in which the products were chosen. */
export function linesOf(ids: readonly Product['id'][], histories: readonly History[], metric: Metric): Line[] {
  return ids.flatMap((id, place) => {
    const history = histories.find((each) => each.product_id === id);
    if (history === undefined) return [];
    const series = history.metrics[metric];
    const points = pointsOf(series);
    return [
      { id, look: lookOf(place), points, currency: series?.currency ?? null, summary: summarize(points), end: Date.parse(history.to) },
    ];
  });
}

/** The currencies of lines that have values. */
export const currenciesOf = (lines: readonly Line[]): string[] => [
  ...new Set(lines.flatMap((line) => (line.currency === null || line.points.length === 0 ? [] : [line.currency]))),
];

/** The first value above nothing from an instant on: what changes are measured against. */
function baseOf(points: readonly Point[], from: number): { at: number; value: number } | null {
  const held = Number(valueAt(points, from) ?? Number.NaN);
  if (held > 0) return { at: from, value: held };
  const first = points.find((point) => point.at > from && Number(point.value ?? 0) > 0);
  return first === undefined ? null : { at: first.at, value: Number(first.value) };
}

/** Values as changes in percent since `from`, or since the first one after it. Gaps stay. */
export function changesOf(points: readonly Point[], from: number): Point[] {
  const base = baseOf(points, from);
  if (base === null) return [];
  const change = (value: string) => String(Math.round((Number(value) / base.value - 1) * 10_000) / 100);
  const later = points.filter((point) => point.at > base.at);
  return [
    { at: base.at, value: '0' },
    ...later.map(({ at, value }) => ({ at, value: value === null ? null : change(value) })),
  ];
}

/** How far a line moved since `from`, in percent; `null` where one end is missing. */
export function moveOf(points: readonly Point[], from: number): number | null {
  const last = changesOf(points, from).at(-1)?.value ?? null;
  return last === null ? null : Number(last);
}
