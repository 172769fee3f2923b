import type { HistorySeries } from '../../api/types';
import { compareDecimals } from '../../format/money';

/** The value that holds from an instant on; `null` is "no offer". Money stays decimal text. */
export interface Point {
  at: number;
  value: string | null;
}

/** An instant to point out on a line. */
export interface Mark {
  at: number;
  on: 'price' | 'rank';
}

/** A metric's change points in order of time. Entries that cannot be read are left out. */
export function pointsOf(series: HistorySeries | undefined): Point[] {
  if (series === undefined) return [];
  const points: Point[] = [];
  series.t.forEach((time, index) => {
    const at = Date.parse(time);
    const raw = series.v[index] ?? null;
    const value = raw === null ? null : String(raw);
    if (Number.isFinite(at) && (value === null || /^-?\d+(\.\d+)?$/.test(value))) points.push({ at, value });
  });
  return points.toSorted((a, b) => a.at - b.at);
}

/** The value that holds at an instant: that of the last point not after it. `undefined` before the first. */
export function valueAt(points: readonly Point[], at: number): string | null | undefined {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle] as Point).at <= at) low = middle + 1;
    else high = middle;
  }
  return points[low - 1]?.value;
}

/** The value at an instant, or in a gap the last one before it: the height at which something that happened then is shown. */
export function heightAt(points: readonly Point[], at: number): number {
  const before = points.findLast((point) => point.at <= at && point.value !== null);
  const known = before ?? points.find((point) => point.value !== null);
  return known === undefined ? Number.NaN : Number(known.value);
}

/**
 * The corners of a step line for a chart that draws "hold, then jump". A value holds until the
 * next point, up to the start of a gap, and the last one until `end`.
 */
export function stepsOf(points: readonly Point[], end: number): [number, number | null][] {
  const steps: [number, number | null][] = [];
  let held: number | null = null;
  for (const { at, value } of points) {
    if (value === null && held !== null) steps.push([at, held]);
    held = value === null ? null : Number(value);
    steps.push([at, held]);
  }
  const last = points.at(-1);
  if (last !== undefined && held !== null && last.at < end) steps.push([end, held]);
  return steps;
}

/**
 * The upright parts of a step line that go up, or those that go down, as corners of a line with gaps between them. What
 * lies on either side of a gap is no change.
 */
export function jumpsOf(points: readonly Point[], direction: 'up' | 'down'): [number, number | null][] {
  return points.flatMap(({ at, value }, index): [number, number | null][] => {
    const before = points[index - 1]?.value ?? null;
    if (value === null || before === null) return [];
    const order = compareDecimals(value, before);
    if (order === 0 || order > 0 !== (direction === 'up')) return [];
    return [
      [at, Number(before)],
      [at, Number(value)],
      [at, null],
    ];
  });
}

export interface Summary {
  /** What holds at the end; `null` in a gap. */
  current: string | null;
  lowest: { value: string; at: number } | null;
  highest: { value: string; at: number } | null;
}

/** The extremes within the points, each with the first instant it was reached. */
export function summarize(points: readonly Point[]): Summary {
  const summary: Summary = { current: points.at(-1)?.value ?? null, lowest: null, highest: null };
  for (const { at, value } of points) {
    if (value === null) continue;
    if (summary.lowest === null || compareDecimals(value, summary.lowest.value) < 0) summary.lowest = { value, at };
    if (summary.highest === null || compareDecimals(value, summary.highest.value) > 0) summary.highest = { value, at };
  }
  return summary;
}

export interface Row {
  at: number;
  /** What held then on each line: `undefined` before its first point, `null` in a gap. */
  values: (string | null | undefined)[];
}

/** Every instant at which a line changed, newest first, with all the values that held then. */
export function rowsOf(lines: readonly (readonly Point[])[]): Row[] {
  const instants = [...new Set(lines.flatMap((points) => points.map((point) => point.at)))].toSorted((a, b) => b - a);
  return instants.map((at) => ({ at, values: lines.map((points) => valueAt(points, at)) }));
}
