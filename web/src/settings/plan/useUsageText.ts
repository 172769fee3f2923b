import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/useFormat';
import { opened } from '../../sources/words';
import { isLimit, measureOf } from './amounts';

/** Limits of a plan in words. One that is newer than the page is shown as the API says it. */
export function useUsageText() {
  const { t } = useTranslation();
  const format = useFormat();
  return useMemo(
    () => ({
      name: (name: string): string => (isLimit(name) ? t(`usage.limit.${name}`) : opened(name)),
      amount: (item: { name: string; unit: string }, value: number): string => {
        switch (measureOf(item)) {
          case 'dollars':
            return format.money({ amount: (value / 100).toFixed(2), currency: 'USD' });
          case 'seconds':
            return format.interval(value);
          case 'days':
            return format.interval(value * 86_400);
          default:
            return format.number(value);
        }
      },
    }),
    [t, format],
  );
}
