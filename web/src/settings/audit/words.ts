import type { BadgeTone } from '../../ui/Badge';
import { ACTORS, OUTCOMES } from './filters';

const TONES: Record<string, BadgeTone> = { done: 'good', refused: 'bad' };
export const outcomeTone = (outcome: string): BadgeTone => TONES[outcome] ?? 'plain';

export const knownActor = (kind: string): (typeof ACTORS)[number] | null => ACTORS.find((each) => each === kind) ?? null;
export const knownOutcome = (word: string): (typeof OUTCOMES)[number] | null => OUTCOMES.find((each) => each === word) ?? null;

/** Further details as text; `null` where there are none. */
export function detailsOf(details: unknown): string | null {
  if (details == null || (typeof details === 'object' && Object.keys(details).length === 0)) return null;
  return JSON.stringify(details, null, 2);
}
