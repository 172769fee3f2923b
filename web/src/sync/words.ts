import type { SyncLog } from '../api/types';
import en from '../i18n/locales/en.json';
import type { BadgeTone } from '../ui/Badge';

const guard =
  <T extends object>(catalogue: T) =>
  (word: string): word is Extract<keyof T, string> =>
    Object.hasOwn(catalogue, word);

export const isType = guard(en.sync.type);
export const isStatus = guard(en.sync.status);
export const isMode = guard(en.sync.mode);
export const isTrigger = guard(en.sync.trigger);
export const isOutcome = guard(en.sync.outcome);

export const TYPES = ['products', 'prices', 'stock', 'order', 'logistics', 'manual'] as const;
export const STATUSES = ['pending', 'processing', 'success', 'partial', 'failed'] as const;

const TONES: Record<string, BadgeTone> = {
  pending: 'plain',
  processing: 'accent',
  success: 'good',
  partial: 'warn',
  failed: 'bad',
};
export const statusTone = (status: string): BadgeTone => TONES[status] ?? 'plain';

export const isOver = (log: Pick<SyncLog, 'status'>): boolean => log.status !== 'pending' && log.status !== 'processing';

/** What ended of a hundred; null while nobody knows how many there are. */
export function percentDone({ total, success, failed }: Pick<SyncLog, 'total' | 'success' | 'failed'>): number | null {
  return total > 0 ? Math.min(100, Math.floor(((success + failed) * 100) / total)) : null;
}
