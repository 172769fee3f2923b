import { ChartSpline, Table2 } from 'lucide-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Product } from '../api/types';
import { priceTone, rankTone } from '../format/delta';
import { useFormat } from '../format/useFormat';
import { useIsDark } from '../theme/hooks';
import { useColourSense } from '../theme/useColourSense';
import { buttonClass } from '../ui/Button';
import { classes } from '../ui/classes';
import { ErrorNotice, Notice } from '../ui/Notice';
import { Segments } from '../ui/Segments';
import { Skeleton } from '../ui/Skeleton';
import { RANGES, type Range, windowOf } from './chart/ranges';
import { pointsOf, type Summary, summarize } from './chart/series';
import { ExportButton } from './ExportButton';
import { HistoryTable } from './HistoryTable';
import { useHistory } from './queries';

const HistoryChart = lazy(() => import('./chart/HistoryChart'));

/** Price and rank over a chosen time: as a chart, as a table, and to take along. */
export function HistorySection({ product }: { product: Product }) {
  const { t } = useTranslation();
  const format = useFormat();
  const dark = useIsDark();
  const sense = useColourSense();
  const [range, setRange] = useState<Range>('90d');
  const [view, setView] = useState<'chart' | 'table'>('chart');
  const [showPrice, setShowPrice] = useState(true);
  const [showRank, setShowRank] = useState(true);
  const history = useHistory(product.id, range);

  const shown = useMemo(() => {
    if (history.data === undefined) return null;
    const { metrics } = history.data;
    const price = pointsOf(metrics['price']);
    const rank = pointsOf(metrics['rank']);
    const first = Math.min(price[0]?.at ?? Infinity, rank[0]?.at ?? Infinity);
    const to = Date.parse(history.data.to);
    return {
      price,
      rank,
      view: windowOf(range, first, to),
      end: to,
      currency: metrics['price']?.currency ?? product.price?.currency ?? null,
      priceSummary: summarize(price),
      rankSummary: summarize(rank),
    };
  }, [history.data, range, product.price?.currency]);

  const thinned = history.data?.thinned === true;
  const dailyUntil = history.data?.daily_until ?? null;
  const empty = shown !== null && shown.price.length + shown.rank.length === 0;

  const words = (summary: Summary, show: (value: string) => string) =>
    summary.lowest === null || summary.highest === null
      ? t('product.chart.nothing')
      : t('product.chart.extremes', { lowest: show(summary.lowest.value), highest: show(summary.highest.value) });

  const currency = shown?.currency ?? null;
  const money = (value: string) => (currency === null ? value : format.money({ amount: value, currency }));
  const place = (value: string) => format.number(Number(value));

  return (
    <section aria-labelledby="history" className="rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-5">
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <h2 id="history" className="text-base font-semibold">
          {t('product.history')}
        </h2>
        <div className="flex flex-wrap gap-2">
          <Segments
            label={t('product.range.label')}
            value={range}
            onChange={setRange}
            options={RANGES.map((value) => ({ value, label: t(`product.range.${value}`) }))}
          />
          <Segments
            label={t('product.view.label')}
            value={view}
            onChange={setView}
            options={[
              { value: 'chart', label: t('product.view.chart') },
              { value: 'table', label: t('product.view.table') },
            ]}
          />
        </div>
      </div>

      {history.isPending ? (
        <div role="status" aria-label={t('common.loading')} className="space-y-4">
          <Skeleton className="h-72 rounded-xl sm:h-96" />
        </div>
      ) : shown === null ? (
        <ErrorNotice error={history.error} onRetry={() => void history.refetch()} />
      ) : empty ? (
        <Notice icon={<ChartSpline />} title={t('product.chart.empty.title')}>
          {t('product.chart.empty.body')}
        </Notice>
      ) : (
        <div className={classes('transition-opacity', history.isPlaceholderData && 'opacity-60')}>
          {view === 'chart' ? (
            <>
              <div role="group" aria-label={t('product.chart.legend')} className="flex flex-wrap gap-2">
                <LegendToggle on={showPrice} onToggle={() => setShowPrice(!showPrice)} colour="var(--chart-price)">
                  {t('product.price')}
                </LegendToggle>
                {shown.rank.length > 0 && (
                  <LegendToggle on={showRank} onToggle={() => setShowRank(!showRank)} colour="var(--chart-rank)" dashed>
                    {t('product.chart.rankLegend')}
                  </LegendToggle>
                )}
              </div>
              <Suspense fallback={<Skeleton className="mt-2 h-72 rounded-xl sm:h-96" />}>
                <HistoryChart
                  key={`${range} ${dark ? 'dark' : 'light'}`}
                  price={shown.price}
                  rank={shown.rank}
                  currency={shown.currency}
                  from={shown.view.from}
                  to={shown.view.to}
                  end={shown.end}
                  showPrice={showPrice}
                  showRank={showRank}
                  summary={t(thinned ? 'product.chart.summaryThinned' : 'product.chart.summary', {
                    price: words(shown.priceSummary, money),
                    rank: words(shown.rankSummary, place),
                  })}
                />
              </Suspense>
            </>
          ) : (
            <HistoryTable
              columns={[
                { key: 'price', name: t('product.price'), points: shown.price, show: money, tone: (direction) => priceTone(direction, sense) },
                ...(shown.rank.length > 0 ? [{ key: 'rank', name: t('product.rank'), points: shown.rank, show: place, tone: rankTone }] : []),
              ]}
            />
          )}
          {dailyUntil !== null && (
            <p className="mt-2 text-xs text-pretty text-muted">
              {t('product.chart.dailyUntil', { date: format.date(dailyUntil) })}
            </p>
          )}
          <div className="mt-2 flex flex-wrap items-center justify-between gap-2">
            <p className="flex items-center gap-1.5 text-xs text-muted">
              {view === 'table' && thinned && t('product.chart.tableThinned')}
              {view === 'chart' && (
                <>
                  <Table2 aria-hidden className="size-3.5" />
                  {t(thinned ? 'product.chart.hintThinned' : 'product.chart.hint')}
                </>
              )}
            </p>
            <span className="flex flex-wrap gap-1">
              <Link to="/" state={{ compare: [product.id] }} className={buttonClass('quiet', 'small')}>
                <ChartSpline aria-hidden className="size-4" />
                {t('compare.with')}
              </Link>
              <ExportButton product={product} />
            </span>
          </div>
        </div>
      )}
    </section>
  );
}

function LegendToggle({
  on,
  onToggle,
  colour,
  dashed = false,
  children,
}: {
  on: boolean;
  onToggle: () => void;
  colour: string;
  dashed?: boolean;
  children: string;
}) {
  return (
    <button
      type="button"
      aria-pressed={on}
      onClick={onToggle}
      className={classes(
        'inline-flex h-8 items-center gap-2 rounded-full border px-3 text-[0.8125rem] font-medium transition-colors hover:border-line-strong',
        on ? 'border-line bg-surface text-ink' : 'border-transparent bg-sunken text-muted line-through',
      )}
    >
      <svg aria-hidden viewBox="0 0 20 4" className="h-1 w-5">
        <path d="M0 2h20" stroke={on ? colour : 'currentColor'} strokeWidth="2.5" strokeDasharray={dashed ? '6 4' : undefined} />
      </svg>
      {children}
    </button>
  );
}
