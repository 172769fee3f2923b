import { LineChart } from 'echarts/charts';
import { DataZoomComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { type ECharts, init, use as register } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/useFormat';
import { chartOption } from './option';
import type { Point } from './series';

register([LineChart, GridComponent, TooltipComponent, DataZoomComponent, CanvasRenderer]);

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
  /** What a screen reader says instead of the picture. */
  summary: string;
}

/**
 * Price and rank over time. Takes its colours when it is made: give it another `key` when the theme changes.
 * New data keeps the zoom; another `key` starts unzoomed.
 * Loaded only where it is shown: the library is the largest part of the page.
 */
export default function HistoryChart({ price, rank, currency, from, to, end, showPrice, showRank, summary }: HistoryChartProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const made = init(element);
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.current = null;
      made.dispose();
    };
  }, []);

  useEffect(() => {
    const style = getComputedStyle(document.documentElement);
    chart.current?.setOption(
      chartOption({
        price: showPrice ? price : [],
        rank: showRank ? rank : [],
        currency,
        from,
        to,
        end,
        format,
        narrow: (place.current?.clientWidth ?? 0) < 560,
        still: window.matchMedia('(prefers-reduced-motion: reduce)').matches,
        words: { price: t('product.price'), rank: t('product.rank'), gap: t('product.chart.gap') },
        font: getComputedStyle(document.body).fontFamily,
        colour: (name) => style.getPropertyValue(`--${name}`).trim(),
      }),
    );
  }, [price, rank, currency, from, to, end, showPrice, showRank, format, t]);

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
