import { lazy, Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Product, TrialAnswer } from '../api/types';
import { useFormat } from '../format/useFormat';
import { windowOf } from '../product/chart/ranges';
import { useIsDark } from '../theme/hooks';
import { ErrorNotice } from '../ui/Notice';
import { Skeleton } from '../ui/Skeleton';
import type { Condition } from './condition';
import { figuresOf, linesOf, marksOf, metricsOf } from './marks';
import { useTrialHistory } from './queries';

const HistoryChart = lazy(() => import('../product/chart/HistoryChart'));

/** The product's line of what the rule is about, with a mark wherever it would have fired. */
export function TryChart({ answer, condition, product }: { answer: TrialAnswer; condition: Condition | null; product: Product }) {
  const { t } = useTranslation();
  const format = useFormat();
  const dark = useIsDark();
  const figures = useMemo(() => (condition === null ? { left: 'price' as const, rank: false } : figuresOf(condition)), [condition]);
  const { data, error, isPending, refetch } = useTrialHistory({
    id: product.id,
    from: answer.from,
    to: answer.to,
    metric: metricsOf(figures),
  });
  const shown = useMemo(() => {
    if (data === undefined) return null;
    const lines = linesOf(data.metrics, figures);
    const first = Math.min(lines.left[0]?.at ?? Infinity, lines.rank[0]?.at ?? Infinity);
    const end = Date.parse(answer.to);
    const view = windowOf('all', Math.max(first, Date.parse(answer.from)), end);
    return { ...lines, end, view, marks: marksOf(answer.fired, lines.left, lines.rank) };
  }, [data, figures, answer]);

  if (isPending) return <Skeleton className="mt-4 h-72 rounded-xl" />;
  if (shown === null) return <ErrorNotice className="mt-4" error={error} onRetry={() => void refetch()} />;
  if (shown.left.length + shown.rank.length === 0) return null;
  const name = t(`compare.metric.${figures.left}`);
  return (
    <>
      <p className="mt-4 flex items-center gap-2 text-[0.8125rem] text-muted">
        <svg aria-hidden viewBox="0 0 14 14" className="size-3.5">
          <path d="M7 0l7 7-7 7-7-7z" fill="var(--chart-mark)" />
        </svg>
        {t('product.chart.marks')}
      </p>
      <Suspense fallback={<Skeleton className="mt-2 h-72 rounded-xl sm:h-96" />}>
        <HistoryChart
          key={`${metricsOf(figures)} ${answer.from} ${dark ? 'dark' : 'light'}`}
          price={shown.left}
          rank={shown.rank}
          currency={shown.currency}
          from={shown.view.from}
          to={shown.view.to}
          end={shown.end}
          showPrice
          showRank
          name={name}
          marks={shown.marks}
          summary={t('rules.try.summary', { figure: name, shown: format.number(shown.marks.length) })}
        />
      </Suspense>
    </>
  );
}
