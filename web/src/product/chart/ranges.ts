/** The lengths of time the chart offers; `all` is as far back as the plan allows. */
export const RANGES = ['7d', '30d', '90d', '365d', 'all'] as const;

export type Range = (typeof RANGES)[number];

const DAYS: Record<Exclude<Range, 'all'>, number> = { '7d': 7, '30d': 30, '90d': 90, '365d': 365 };

/** The shortest time a chart shows, in milliseconds. */
const SHORTEST = 3_600_000;

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

/** Where a range starts; `null` for no start. */
export function startOf(range: Range, now: Date): Date | null {
  return range === 'all' ? null : new Date(now.getTime() - DAYS[range] * 86_400_000);
}
