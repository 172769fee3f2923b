import { useTranslation } from 'react-i18next';
import type { Tracking } from '../api/types';
import { useFormat } from '../format/useFormat';
import { presetOf, timingOf } from './timing';

/** When a tracking looks, in words. */
export function useTimingText() {
  const { t } = useTranslation();
  const format = useFormat();
  return (tracking: Tracking): string => {
    const timing = timingOf(tracking);
    const { windows } = timing;
    const often =
      timing.mode === 'daily'
        ? t('timing.dailyAt', { time: timing.time })
        : timing.mode === 'cron'
          ? t('timing.byCron', { cron: timing.cron })
          : t('track.every', { interval: format.interval(timing.seconds) });
    const low = tracking.low_stock_interval_seconds ?? null;
    const parts = [
      often,
      windows.length === 0 ? null : t(`timing.windows.${presetOf(windows) ?? 'within'}`),
      timing.adaptive ? t('timing.adaptiveShort') : null,
      low === null ? null : t('timing.lowStock', { interval: format.interval(low) }),
    ];
    const text = parts.filter((part) => part !== null).join(t('common.comma'));
    return timing.zone === null ? text : t('timing.inZone', { text, zone: timing.zone });
  };
}
