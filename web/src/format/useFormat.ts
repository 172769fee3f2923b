import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Money } from '../api/types';
import { intlLocale } from '../i18n/languages';
import { formatPercent, formatShare } from './delta';
import { formatMoney } from './money';
import { formatCompact, formatNumber, formatRegion, formatSize } from './text';
import { formatClock, formatDate, formatDateTime, formatDay, formatDuration, formatHour, formatInterval, formatWeekday } from './time';

/** Every formatter, bound to the reader's language. */
export function useFormat() {
  const { i18n } = useTranslation();
  const locale = intlLocale(i18n.language, navigator.languages);
  return useMemo(
    () => ({
      locale,
      money: (value: Money) => formatMoney(value, locale),
      number: (value: number) => formatNumber(value, locale),
      compact: (value: number) => formatCompact(value, locale),
      size: (bytes: number) => formatSize(bytes, locale),
      percent: (value: number) => formatPercent(value, locale),
      share: (value: number) => formatShare(value, locale),
      region: (code: string) => formatRegion(code, locale),
      date: (iso: string) => formatDate(new Date(iso), locale),
      day: (day: string) => formatDay(day, locale),
      dateTime: (iso: string) => formatDateTime(new Date(iso), locale),
      clock: (iso: string) => formatClock(new Date(iso), new Date(), locale),
      duration: (seconds: number) => formatDuration(seconds, locale),
      weekday: (place: number) => formatWeekday(place, locale),
      hour: (hour: number) => formatHour(hour, locale),
      interval: (seconds: number) => formatInterval(seconds, locale),
    }),
    [locale],
  );
}
