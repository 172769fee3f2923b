import { ChevronRight } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Statistics } from '../../api/types';
import { useFormat } from '../../format/useFormat';
import { classes } from '../../ui/classes';
import { about, knownDays, rowsOf } from './choose';

/** Every number there is, for those who want to look closer. */
export function More({ statistics }: { statistics: Statistics }) {
  const { t } = useTranslation();
  const id = useId();
  const [open, setOpen] = useState(false);
  return (
    <div className="mt-4">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
        className="inline-flex items-center gap-1 rounded-md text-[0.8125rem] font-medium text-muted hover:text-ink"
      >
        <ChevronRight aria-hidden className={classes('size-4 transition-transform', open && 'rotate-90')} />
        {t('product.stats.more.title')}
      </button>
      <div id={id} hidden={!open} className="mt-3">
        {open && (
          <div className="flex flex-col gap-5">
            <Windows statistics={statistics} />
            <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
              <PriceFacts statistics={statistics} />
              <RankFacts statistics={statistics} />
              <StockFacts statistics={statistics} />
              <LookFacts statistics={statistics} />
            </div>
            <Slides statistics={statistics} />
          </div>
        )}
      </div>
    </div>
  );
}

/** Averages and shares side by side, by how far they reach back. */
function Windows({ statistics }: { statistics: Statistics }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rows = rowsOf(statistics);
  if (rows.length === 0) return null;
  const withRank = statistics.rank != null;
  const head = 'px-3 py-2 text-right font-medium';
  const cell = 'px-3 py-2 text-right whitespace-nowrap';
  return (
    <div className="overflow-x-auto rounded-xl border border-line" tabIndex={0} role="region" aria-label={t('product.stats.more.windows')}>
      <table className="w-full text-sm">
        <thead className="bg-sunken text-xs text-muted">
          <tr>
            <th scope="col" className="px-3 py-2 text-left font-medium">
              {t('product.stats.more.window')}
            </th>
            {statistics.price != null && (
              <th scope="col" className={head}>
                {t('product.stats.more.averagePrice')}
              </th>
            )}
            {withRank && (
              <th scope="col" className={head}>
                {t('product.stats.more.averageRank')}
              </th>
            )}
            <th scope="col" className={head}>
              {t('product.stats.more.outOfStock')}
            </th>
          </tr>
        </thead>
        <tbody className="tabular divide-y divide-line">
          {rows.map(({ days, covered, price, rank, out }) => {
            const known = knownDays({ days, covered_days: covered });
            return (
              <tr key={days}>
                <th scope="row" className="px-3 py-2 text-left font-normal whitespace-nowrap">
                  {t('product.stats.more.days', { days })}
                  {known !== null && <span className="block text-xs text-muted">{t('product.stats.known', { count: known })}</span>}
                </th>
                {statistics.price != null && <td className={cell}>{price === null ? '–' : format.money(price)}</td>}
                {withRank && <td className={cell}>{rank === null ? '–' : `#${format.number(rank)}`}</td>}
                <td className={cell}>{out === null ? '–' : format.share(out)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Facts({ title, facts }: { title: string; facts: readonly (readonly [label: string, value: ReactNode])[] }) {
  const told = facts.filter(([, value]) => value !== null && value !== undefined);
  if (told.length === 0) return null;
  return (
    <div className="min-w-0">
      <h3 className="mb-1 text-[0.8125rem] font-semibold">{title}</h3>
      <dl className="divide-y divide-line text-sm">
        {told.map(([label, value]) => (
          <div key={label} className="flex items-baseline justify-between gap-4 py-1.5">
            <dt className="text-muted">{label}</dt>
            <dd className="tabular min-w-0 text-right">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

type Trend = NonNullable<Statistics['price']>['trend'];

/** "−6.2% in 30 days (97% sure)"; what is not clear is said so. */
function useTrendText() {
  const { t } = useTranslation();
  const format = useFormat();
  return (trend: Trend, missing: string | null | undefined): string | null => {
    if (trend == null) return missing == null ? null : t('product.stats.more.trendMissing');
    const percent = format.percent(trend.percent_per_30_days);
    return trend.confidence == null
      ? t('product.stats.more.trend', { percent })
      : t('product.stats.more.trendSure', { percent, sure: format.share(Math.floor(trend.confidence * 100)) });
  };
}

function PriceFacts({ statistics: { price } }: { statistics: Statistics }) {
  const { t } = useTranslation();
  const format = useFormat();
  const trend = useTrendText();
  if (price == null) return null;
  return (
    <Facts
      title={t('product.price')}
      facts={[
        [t('product.stats.more.volatility'), price.volatility_percent == null ? null : format.share(price.volatility_percent)],
        [t('product.stats.more.trendName'), trend(price.trend, price.trend_missing)],
        [t('product.stats.more.cheaper'), price.cheaper_than_percent == null ? null : format.share(price.cheaper_than_percent)],
        [t('product.stats.more.dearer'), price.dearer_than_percent == null ? null : format.share(price.dearer_than_percent)],
      ]}
    />
  );
}

function RankFacts({ statistics: { rank, limited_to } }: { statistics: Statistics }) {
  const { t } = useTranslation();
  const format = useFormat();
  const trend = useTrendText();
  if (rank == null) return null;
  const name = (end: 'best' | 'worst') =>
    limited_to == null
      ? t(`product.stats.more.${end}`)
      : t(`product.stats.more.${end}Since`, { date: format.date(limited_to) });
  const end = (of: { rank: number; at: string }) => `#${format.number(of.rank)} · ${format.date(of.at)}`;
  return (
    <Facts
      title={t('product.chart.rankLegend')}
      facts={[
        [name('best'), end(rank.best)],
        [name('worst'), end(rank.worst)],
        [t('product.stats.more.trendName'), trend(rank.trend, rank.trend_missing)],
      ]}
    />
  );
}

function StockFacts({ statistics: { stock } }: { statistics: Statistics }) {
  const { t } = useTranslation();
  const format = useFormat();
  const restocks = stock.restocks ?? null;
  const forecast = stock.forecast ?? null;
  const time = (seconds: number | null | undefined) => (seconds == null ? null : format.interval(about(seconds)));
  const missing = stock.forecast_missing ?? null;
  return (
    <Facts
      title={t('products.facet.in_stock')}
      facts={[
        [t('product.stats.more.restocks'), restocks === null ? null : format.number(restocks.count)],
        [t('product.stats.more.lastRestock'), restocks === null ? null : format.date(restocks.last_at)],
        [t('product.stats.more.absence'), time(restocks?.typical_absence_seconds)],
        [t('product.stats.more.hour'), restocks?.hour == null ? null : format.hour(restocks.hour.hour)],
        [
          t('product.stats.more.forecast'),
          forecast === null
            ? missing === null
              ? null
              : t(`product.stats.more.forecastMissing.${missing}`)
            : t(`product.stats.more.method.${forecast.method}`, { count: forecast.samples }),
        ],
      ]}
    />
  );
}

function LookFacts({ statistics }: { statistics: Statistics }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Facts
      title={t('product.stats.more.looksTitle')}
      facts={[
        [t('product.stats.more.looks'), format.number(statistics.looks)],
        [
          t(statistics.limited_to == null ? 'product.stats.more.since' : 'product.stats.more.shownSince'),
          statistics.since == null ? null : format.date(statistics.since),
        ],
        [t('product.stats.more.asOf'), statistics.as_of == null ? null : format.dateTime(statistics.as_of)],
        [t('product.stats.more.cutAt'), statistics.cut_at == null ? null : format.date(statistics.cut_at)],
      ]}
    />
  );
}

/** Runs of cuts, as in a price war. */
function Slides({ statistics: { price } }: { statistics: Statistics }) {
  const { t } = useTranslation();
  const format = useFormat();
  const slides = price?.slides ?? [];
  if (slides.length === 0) return null;
  return (
    <div>
      <h3 className="mb-1 text-[0.8125rem] font-semibold">{t('product.stats.more.slides')}</h3>
      <ul className="divide-y divide-line text-sm">
        {slides.map((slide) => (
          <li key={slide.from} className="tabular flex flex-wrap items-baseline justify-between gap-x-4 gap-y-0.5 py-1.5">
            <span className="text-muted">
              {format.date(slide.from)} – {format.date(slide.to)}
            </span>
            <span>
              {t('product.stats.more.cuts', { count: slide.cuts })}
              {t('common.comma')}
              {format.money(slide.before)} → {format.money(slide.after)} ({format.percent(slide.percent)})
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
