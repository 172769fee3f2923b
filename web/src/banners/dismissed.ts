import type { Usage } from '../api/types';
import { isIncluded } from '../settings/plan/amounts';

/** A warning once closed stays closed for its limit, its level and its period; the next level or period tells again. */
export function warningKey(usage: Pick<Usage, 'period'>, item: { name: string; state: string; unit: string }): string {
  return `${item.name} ${item.state} ${item.name.endsWith('_per_day') ? usage.period.day : usage.period.month}`;
}

/** Closed warnings that are remembered: a few teams', with all their limits. */
const MOST = 60;

/** The warnings that were closed, as they were kept; none of what is not a list of them. */
export function closedOf(kept: string | null): readonly string[] {
  try {
    const list: unknown = JSON.parse(kept ?? '[]');
    return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}

/** With one more of them closed; the oldest are forgotten. */
export const closing = (closed: readonly string[], key: string): readonly string[] =>
  [...closed.filter((each) => each !== key), key].slice(-MOST);

/** The limit to warn of: what is used up before what nearly is, and the fuller one first. What a plan has none of is no news. */
export function worstOf<Item extends { state: string; percent: number; allowed: number; used: number }>(items: readonly Item[]): Item | null {
  const weight = (item: Item) => (item.state === 'exceeded' ? 1000 : 0) + item.percent;
  return items.filter((item) => item.state !== 'ok' && isIncluded(item)).toSorted((a, b) => weight(b) - weight(a))[0] ?? null;
}
