/** The lengths of time the chart offers; `all` is as far back as the plan allows. */
export const RANGES = ['7d', '30d', '90d', 'all'] as const;

export type Range = (typeof RANGES)[number];

const DAYS: Record<Exclude<Range, 'all'>, number> = { '7d': 7, '30d': 30, '90d': 90 };

/** Where a range starts; `null` for no start. */
export function startOf(range: Range, now: Date): Date | null {
  return range === 'all' ? null : new Date(now.getTime() - DAYS[range] * 86_400_000);
}
