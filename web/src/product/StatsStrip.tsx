import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/useFormat';
import { classes } from '../ui/classes';
import type { Summary } from './chart/series';

/** The figures that matter within the shown time, each with its day. */
export function StatsStrip({
  price,
  rank,
  currency,
  hasRank,
}: {
  price: Summary;
  rank: Summary;
  currency: string | null;
  hasRank: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const money = (amount: string) => (currency === null ? amount : format.money({ amount, currency }));
  const number = (value: string) => format.number(Number(value));
  const day = (at: number) => format.date(new Date(at).toISOString());
  return (
    <dl
      className={classes(
        'grid grid-cols-2 gap-px overflow-hidden rounded-xl border border-line bg-line sm:grid-cols-3',
        hasRank && 'lg:grid-cols-5',
      )}
    >
      <Stat label={t('product.stats.current')} value={price.current === null ? t('product.chart.gap') : money(price.current)} />
      <Stat
        label={t('product.stats.lowest')}
        value={price.lowest === null ? '–' : money(price.lowest.value)}
        note={price.lowest === null ? null : t('product.stats.since', { date: day(price.lowest.at) })}
      />
      <Stat
        label={t('product.stats.highest')}
        value={price.highest === null ? '–' : money(price.highest.value)}
        note={price.highest === null ? null : t('product.stats.since', { date: day(price.highest.at) })}
      />
      {hasRank && (
        <>
          <Stat label={t('product.stats.rank')} value={rank.current === null ? '–' : number(rank.current)} />
          <Stat
            label={t('product.stats.bestRank')}
            value={rank.lowest === null ? '–' : number(rank.lowest.value)}
            note={rank.lowest === null ? null : t('product.stats.since', { date: day(rank.lowest.at) })}
          />
        </>
      )}
    </dl>
  );
}

function Stat({ label, value, note = null }: { label: string; value: string; note?: ReactNode }) {
  return (
    <div className="grow bg-surface px-4 py-3 last:max-sm:odd:col-span-2">
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="tabular mt-0.5 text-lg font-semibold tracking-tight">{value}</dd>
      {note !== null && <dd className="text-xs text-muted">{note}</dd>}
    </div>
  );
}
