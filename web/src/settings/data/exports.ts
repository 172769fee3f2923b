import type { Export } from '../../api/types';
import type { BadgeTone } from '../../ui/Badge';

export type Stage = 'working' | 'ready' | 'failed' | 'expired';

/** Where an export is. What is done may be fetched until it expires; a word that is not known is waited for. */
export function stageOf(each: Pick<Export, 'status' | 'expires_at'>, now: number): Stage {
  if (each.status === 'failed') return 'failed';
  if (each.status !== 'done') return 'working';
  return each.expires_at != null && Date.parse(each.expires_at) <= now ? 'expired' : 'ready';
}

/** Whether the list must be asked again soon. */
export const isWorking = (list: readonly Pick<Export, 'status'>[] | undefined): boolean =>
  list?.some((each) => each.status === 'queued' || each.status === 'running') === true;

export const STAGE_TONES: Record<Stage, BadgeTone> = { working: 'accent', ready: 'good', failed: 'bad', expired: 'plain' };

/** Whole percent of the work, within what a bar can show. */
export const percentOf = (each: Pick<Export, 'percent'>): number => Math.min(100, Math.max(0, Math.round(each.percent)));
