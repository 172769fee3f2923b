import type { Firing, HistorySeries } from '../api/types';
import { type Mark, type Point, pointsOf, valueAt } from '../product/chart/series';
import { type Condition, type Metric, testsOf } from './condition';

/** The two lines that a rule's test is drawn on: the first figure that is no rank, and the rank if the rule has it. */
export function figuresOf(condition: Condition): { left: Metric; rank: boolean } {
  const metrics = testsOf(condition).flatMap((test) => ('metric' in test ? [test.metric] : []));
  return { left: metrics.find((metric) => metric !== 'rank') ?? 'price', rank: metrics.includes('rank') };
}

export const metricsOf = ({ left, rank }: { left: Metric; rank: boolean }): string => (rank ? `${left},rank` : left);

const holds = (points: readonly Point[], at: number) => (valueAt(points, at) ?? null) !== null;

/** Where to put the marks: on the line that each is about, or on the other where that one has a gap. */
export function marksOf(fired: readonly Firing[], left: readonly Point[], rank: readonly Point[]): Mark[] {
  return fired.flatMap((firing) => {
    const at = Date.parse(firing.occurred_at);
    if (!Number.isFinite(at)) return [];
    const first: Mark['on'] = firing.metric === 'rank' || left.length === 0 ? 'rank' : 'price';
    const lines = { price: left, rank } as const;
    const other: Mark['on'] = first === 'rank' ? 'price' : 'rank';
    const on = holds(lines[first], at) || !holds(lines[other], at) ? first : other;
    return [{ at, on }];
  });
}

/** The lines themselves. */
export const linesOf = (metrics: Readonly<Record<string, HistorySeries>>, { left, rank }: { left: Metric; rank: boolean }) => ({
  left: pointsOf(metrics[left]),
  rank: rank ? pointsOf(metrics['rank']) : [],
  currency: metrics[left]?.currency ?? null,
});
