import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { priceTone } from '../../format/delta';
import { useFormat } from '../../format/useFormat';
import { useColourSense } from '../../theme/useColourSense';
import { surroundings } from './frame';
import { chartOption } from './option';
import type { Mark, Point } from './series';
import { useChart } from './useChart';

export interface HistoryChartProps {
  price: Point[];
  rank: Point[];
  currency: string | null;
  /** What the time axis shows. */
  from: number;
  to: number;
  /** Up to here values are known. */
  end: number;
  showPrice: boolean;
  showRank: boolean;
  /** What the left line is, if not the price. */
  name?: string | undefined;
  /** Instants to point out. Keep the same array as long as they are the same. */
  marks?: readonly Mark[];
  /** What a screen reader says instead of the picture. */
  summary: string;
}

const NO_MARKS: readonly Mark[] = [];

/**
 * Price and rank over time. Takes its colours when it is made: give it another `key` when the theme changes.
 * New data keeps the zoom; another `key` starts unzoomed.
 */
export default function HistoryChart({
  price,
  rank,
  currency,
  from,
  to,
  end,
  showPrice,
  showRank,
  name,
  marks = NO_MARKS,
  summary,
}: HistoryChartProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const sense = useColourSense();
  const place = useChart(
    useCallback(
      (element) =>
        chartOption({
          ...surroundings(element),
          price: showPrice ? price : [],
          rank: showRank ? rank : [],
          currency,
          from,
          to,
          end,
          marks,
          moves: { up: priceTone('up', sense), down: priceTone('down', sense) },
          format,
          words: { price: name ?? t('product.price'), rank: t('product.rank'), gap: t('product.chart.gap'), marks: t('product.chart.marks') },
        }),
      [price, rank, currency, from, to, end, showPrice, showRank, name, marks, sense, format, t],
    ),
  );
  return (
    <div
      ref={place}
      role="img"
      aria-label={summary}
      // A finger may scroll the page over the chart; sideways and pinching are the chart's.
      className="h-72 w-full sm:h-96 [&_*]:touch-pan-y!"
    />
  );
}
