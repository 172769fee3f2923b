import { useTranslation } from 'react-i18next';
import type { SyncLog } from '../api/types';
import { useFormat } from '../format/useFormat';
import { opened } from '../sources/words';
import { isMode, isOutcome, isTrigger, isType } from './words';

/** What a log says, in the reader's language. */
export function useSyncText() {
  const { t } = useTranslation();
  const format = useFormat();
  const seconds = (ms: number) => {
    const tenths = ms < 10_000 ? Math.round(ms / 100) / 10 : Math.round(ms / 1000);
    return new Intl.NumberFormat(format.locale, { style: 'unit', unit: 'second', unitDisplay: 'short' }).format(tenths);
  };
  return {
    type: (word: string) => (isType(word) ? t(`sync.type.${word}`) : opened(word)),
    mode: (word: string) => (isMode(word) ? t(`sync.mode.${word}`) : opened(word)),
    trigger: (word: string) => (isTrigger(word) ? t(`sync.trigger.${word}`) : opened(word)),
    outcome: (word: string) => (isOutcome(word) ? t(`sync.outcome.${word}`) : opened(word)),
    duration: (ms: number) =>
      ms < 60_000
        ? seconds(ms)
        : t('sync.minutes', { minutes: Math.floor(ms / 60_000), seconds: Math.round((ms % 60_000) / 1000) }),
    counts: ({ total, success, failed }: Pick<SyncLog, 'total' | 'success' | 'failed'>) =>
      failed > 0
        ? t('sync.countsFailed', { success: format.number(success), total: format.number(total), failed: format.number(failed) })
        : t('sync.counts', { success: format.number(success), total: format.number(total) }),
  };
}
