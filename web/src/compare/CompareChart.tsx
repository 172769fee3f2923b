import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/useFormat';
import { surroundings } from '../product/chart/frame';
import { useChart } from '../product/chart/useChart';
import { compareOption, type Drawn } from './option';

/**
 * Several products' lines in one picture. Takes its colours when it is made: give it another `key` when the theme
 * changes. `lines`, `tick` and `told` must stay the same as long as what they show does.
 */
export default function CompareChart({
  lines,
  from,
  to,
  axis,
  upsideDown,
  tick,
  told,
  summary,
}: {
  lines: readonly Drawn[];
  from: number;
  to: number;
  /** What the axis is called. */
  axis: string;
  upsideDown: boolean;
  tick: (value: number) => string;
  told: (line: Drawn, value: string) => string;
  /** What a screen reader says instead of the picture. */
  summary: string;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const place = useChart(
    useCallback(
      (element) =>
        compareOption({
          ...surroundings(element),
          lines,
          from,
          to,
          format,
          tick,
          told,
          upsideDown,
          words: { axis, gap: t('product.chart.gap') },
        }),
      [lines, from, to, axis, upsideDown, tick, told, format, t],
    ),
  );
  return <div ref={place} role="img" aria-label={summary} className="h-80 w-full sm:h-112 [&_*]:touch-pan-y!" />;
}
