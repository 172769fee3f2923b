import en from '../../i18n/locales/en.json';
import type { BadgeTone } from '../../ui/Badge';

export const isLimit = (name: string): name is keyof typeof en.usage.limit => Object.hasOwn(en.usage.limit, name);

/** What an amount of a limit is counted in, where it is not plain things. */
export type Measure = 'count' | 'dollars' | 'seconds' | 'days';

export function measureOf({ name, unit }: { name: string; unit: string }): Measure {
  if (/cents/.test(unit) || name.includes('cents')) return 'dollars';
  if (/second/.test(unit) || name.endsWith('_seconds')) return 'seconds';
  // "crawls a day" is a number of crawls.
  if (unit === 'days' || name === 'retention_days') return 'days';
  return 'count';
}

/** How full the bar is: never beyond its end, and a little of something is never nothing. */
export function shareOf({ used, allowed }: { used: number; allowed: number }): number {
  if (used <= 0) return 0;
  if (allowed <= 0) return 1;
  return Math.min(1, Math.max(0.01, used / allowed));
}

/** Whether the plan has any of it. */
export const isIncluded = ({ used, allowed }: { used: number; allowed: number }): boolean => used > 0 || allowed > 0;

const BARS: Record<string, string> = { warning: 'bg-brass', exceeded: 'bg-bad' };
export const barOf = (state: string): string => BARS[state] ?? 'bg-accent';

const TONES: Record<string, BadgeTone> = { warning: 'warn', exceeded: 'bad' };
export const toneOf = (state: string): BadgeTone => TONES[state] ?? 'plain';
