import { Info } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Product, Statistics } from '../../api/types';
import { useFormat } from '../../format/useFormat';
import { classes } from '../../ui/classes';
import { Skeleton } from '../../ui/Skeleton';
import { knownDays, reaching } from './choose';
import { More } from './More';
import { useStatistics } from './queries';
import { usePopularity } from './usePopularity';
import { useSentences } from './useSentences';

interface Figure {
  key: string;
  label: string;
  value: string;
  note?: string | null;
}

/** Where price and rank stand in their history, and what can be said of what comes. */
export function StatisticsSection({ product }: { product: Product }) {
  const { t } = useTranslation();
  const { data, isPending, isPlaceholderData } = useStatistics(product);
  if ((product.last_observed_at ?? null) === null || (data === undefined && !isPending)) return null;
  return (
    <section aria-labelledby="statistics" className="rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-5">
      <h2 id="statistics" className="mb-3 text-base font-semibold">
        {t('product.stats.title')}
      </h2>
      {data === undefined ? (
        <div role="status" aria-label={t('common.loading')}>
          <Skeleton className="h-36 rounded-xl" />
        </div>
      ) : (
        <div className={classes('transition-opacity', isPlaceholderData && 'opacity-60')}>
          <Numbers statistics={data} />
          <Sentences statistics={data} product={product} />
          <More statistics={data} />
        </div>
      )}
    </section>
  );
}

function Numbers({ statistics }: { statistics: Statistics }) {
  const figures = [...usePriceFigures(statistics), ...useRankFigures(statistics)];
  if (figures.length === 0) return null;
  return (
    <dl className="flex flex-wrap gap-px overflow-hidden rounded-xl border border-line bg-line">
      {figures.map(({ key, label, value, note }) => (
        <div key={key} className="min-w-34 grow basis-34 bg-surface px-4 py-3">
          <dt className="text-xs text-muted">{label}</dt>
          <dd className="tabular mt-0.5 text-lg font-semibold tracking-tight">{value}</dd>
          {note != null && <dd className="text-xs text-muted">{note}</dd>}
        </div>
      ))}
    </dl>
  );
}

/** "12 days of data" under a number whose window is not all known. */
function useKnown() {
  const { t } = useTranslation();
  return (window: { days: number; covered_days: number }) => {
    const days = knownDays(window);
    return days === null ? null : days === 0 ? t('product.stats.knownHours') : t('product.stats.known', { count: days });
  };
}

/** How far back an end of the range was looked for: ever, or as far as the plan shows. */
function useEndLabel({ limited_to }: Statistics) {
  const { t } = useTranslation();
  const format = useFormat();
  return (end: 'lowest' | 'highest' | 'bestRank') =>
    limited_to == null ? t(`product.stats.${end}`) : t(`product.stats.${end}Since`, { date: format.date(limited_to) });
}

function usePriceFigures(statistics: Statistics): Figure[] {
  const { price, stock } = statistics;
  const { t } = useTranslation();
  const format = useFormat();
  const known = useKnown();
  const endLabel = useEndLabel(statistics);
  const figures: Figure[] = [];
  if (price != null) {
    const { current, lowest, highest } = price;
    figures.push({
      key: 'current',
      label: t('product.stats.current'),
      value: current == null ? t('product.chart.gap') : format.money(current),
    });
    if (lowest != null) {
      figures.push({ key: 'lowest', label: endLabel('lowest'), value: format.money(lowest.price), note: format.date(lowest.at) });
    }
    if (highest != null) {
      figures.push({ key: 'highest', label: endLabel('highest'), value: format.money(highest.price), note: format.date(highest.at) });
    }
    for (const average of reaching(price.averages)) {
      if (average.price == null) continue;
      figures.push({
        key: `average ${average.days}`,
        label: t('product.stats.average', { days: average.days }),
        value: format.money(average.price),
        note: known(average),
      });
    }
  }
  const out = reaching(stock.out_of_stock).findLast(({ percent, days }) => percent != null && days <= 90);
  if (out?.percent != null) {
    figures.push({
      key: 'out',
      label: t('product.stats.outOfStock', { days: out.days }),
      value: format.share(out.percent),
      note: known(out),
    });
  }
  return figures;
}

function useRankFigures(statistics: Statistics): Figure[] {
  const { rank } = statistics;
  const { t } = useTranslation();
  const format = useFormat();
  const endLabel = useEndLabel(statistics);
  if (rank == null) return [];
  const place = (value: number) => `#${format.number(value)}`;
  const month = rank.averages[0]?.rank;
  return [
    { key: 'rank', label: t('product.stats.rank'), value: rank.current == null ? '–' : place(rank.current) },
    { key: 'best rank', label: endLabel('bestRank'), value: place(rank.best.rank), note: format.date(rank.best.at) },
    ...(month == null ? [] : [{ key: 'average rank', label: t('product.stats.averageRank'), value: place(month) }]),
  ];
}

function Sentences({ statistics, product }: { statistics: Statistics; product: Product }) {
  const { t } = useTranslation();
  const format = useFormat();
  const popularity = usePopularity()(product);
  const sentences = [...useSentences()(statistics), ...(popularity === null ? [] : [popularity])];
  return (
    <>
      {sentences.length > 0 && (
        <ul className="mt-4 space-y-1.5 text-sm leading-6 text-pretty">
          {sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
      {statistics.daily_until != null && (
        <p className="mt-4 text-[0.8125rem] text-pretty text-muted">
          {t('product.stats.dailyUntil', { date: format.date(statistics.daily_until) })}
        </p>
      )}
      {statistics.confidence === 'low' && (
        <p className="mt-4 flex items-start gap-2 rounded-lg bg-sunken px-3 py-2.5 text-[0.8125rem] text-muted">
          <Info aria-hidden className="mt-px size-4 shrink-0" />
          {t('product.stats.lowConfidence', { count: statistics.looks })}
        </p>
      )}
    </>
  );
}
