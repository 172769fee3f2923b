/** The lengths of time the chart offers; `all` is as far back as the plan allows. */
export const RANGES = ['7d', '30d', '90d', '365d', 'all'] as const;

export type Range = (typeof RANGES)[number];

const DAYS: Record<Exclude<Range, 'all'>, number> = { '7d': 7, '30d': 30, '90d': 90, '365d': 365 };

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The shortest time a chart shows, in milliseconds. */
const SHORTEST = HOUR;

/**
 * What a chart shows of a range: a young product fills the width instead of hiding at the right
 * edge, and a single look stands in the middle. All in milliseconds since 1970.
 */
export function windowOf(range: Range, first: number, last: number): { from: number; to: number } {
  const known = Math.min(first, last);
  const from = Math.max(startOf(range, new Date(last))?.getTime() ?? known, known);
  if (last - from >= SHORTEST) return { from, to: last };
  const middle = (from + last) / 2;
  return { from: middle - SHORTEST / 2, to: middle + SHORTEST / 2 };
}

/**
 * From when on a range's history is asked for: where it starts, or a little earlier. On the hour, and for long ranges on
 * the day, so that many who ask within that time ask for the same, which the server has at hand.
 */
export function askedFrom(range: Range, now: Date): Date | null {
  const start = startOf(range, now);
  if (start === null) return null;
  const step = range === '7d' || range === '30d' ? HOUR : DAY;
  return new Date(Math.floor(start.getTime() / step) * step);
}

/** Where a range starts; `null` for no start. */
export function startOf(range: Range, now: Date): Date | null {
  return range === 'all' ? null : new Date(now.getTime() - DAYS[range] * DAY);
}
