import { useCallback } from 'react';
import { useFormat } from '../format/useFormat';
import type { Metric } from './choice';

/** How a value of a metric is written. */
export function useFigure(metric: Metric): (value: string, currency: string | null) => string {
  const format = useFormat();
  return useCallback(
    (value: string, currency: string | null) => {
      if (metric === 'rank') return `#${format.number(Number(value))}`;
      if (currency !== null) return format.money({ amount: value, currency });
      return format.number(Number(value));
    },
    [format, metric],
  );
}
