import { Building2, Globe, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Source } from '../api/types';
import { RelativeTime } from '../format/RelativeTime';
import { useFormat } from '../format/useFormat';
import { canSync, SyncPanel } from '../sync/SyncPanel';
import { Badge } from '../ui/Badge';
import { Skeleton } from '../ui/Skeleton';
import { CredentialPanel } from './CredentialPanel';
import { Scopes } from './Scopes';
import { StateBadge } from './StateBadge';
import { isAbility, isAbout, isKind, opened } from './words';

const frame = 'flex flex-col gap-4 rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-5';

/** Marketplaces named one by one before the rest is only counted. */
const NAMED = 4;

/** One source: what it is good for, how it stands, what it costs, and the team's access to it. */
export function SourceCard({ source }: { source: Source }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { budget, last_error: error } = source;
  const regions = source.marketplaces.map(format.region);
  const named = regions.slice(0, NAMED).join(t('common.comma'));
  const paid = source.abilities.includes('paid') || /[1-9]/.test(budget.spend_this_month.amount);
  const more = regions.length - NAMED;
  const markets = (
    <span title={regions.join(t('common.comma'))}>
      {regions.length === 0 ? t('sources.anyMarket') : more <= 0 ? named : t('sources.moreMarkets', { named, count: more })}
    </span>
  );
  const success = source.last_success_at == null ? t('sources.notAskedYet') : <RelativeTime at={source.last_success_at} />;
  const every = t('track.every', { interval: format.interval(source.default_interval_seconds) });
  const figures: [string, ReactNode][] = [
    [t('sources.markets'), markets],
    [t('sources.lookedAt'), source.default_daily_hour == null ? every : t('timing.dailyAt', { time: `${String(source.default_daily_hour).padStart(2, '0')}:00` })],
    [
      t('sources.budget'),
      budget.requests_per_hour == null
        ? t('sources.noLimit')
        : t('sources.perHour', { count: budget.requests_per_hour, shown: format.number(budget.requests_per_hour) }),
    ],
    [t('sources.spend'), paid ? format.money(budget.spend_this_month) : null],
    [t('sources.lastSuccess'), success],
  ];
  return (
    <section aria-labelledby={`source-${source.name}`} className={frame}>
      <header className="flex flex-wrap items-start justify-between gap-x-3 gap-y-2">
        <div className="min-w-0">
          <h2 id={`source-${source.name}`} className="text-base font-semibold">
            {source.label}
          </h2>
          <p className="mt-0.5 flex items-center gap-1.5 text-xs text-muted">
            {source.ownership === 'tenant' ? (
              <Building2 aria-hidden className="size-3.5 shrink-0" />
            ) : (
              <Globe aria-hidden className="size-3.5 shrink-0" />
            )}
            {t(source.ownership === 'tenant' ? 'sources.owned' : 'sources.public')}
          </p>
        </div>
        <StateBadge state={source.state} until={source.until} />
      </header>

      {isAbout(source.name) && <p className="text-sm text-muted">{t(`sources.about.${source.name}`)}</p>}

      <dl className="divide-y divide-line text-sm">
        {figures.map(
          ([label, value]) =>
            value !== null && (
              <div key={label} className="flex items-baseline justify-between gap-4 py-2 first:pt-0 last:pb-0">
                <dt className="shrink-0 text-muted">{label}</dt>
                <dd className="tabular min-w-0 text-right wrap-break-word">{value}</dd>
              </div>
            ),
        )}
      </dl>

      {error != null && (
        <p className="flex items-start gap-2 rounded-lg bg-sunken px-3 py-2 text-[0.8125rem]">
          <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0 text-warn" />
          <span className="min-w-0 wrap-break-word">
            <span className="font-medium">{t('sources.lastError')}</span>{' '}
            <span className="text-muted">
              {error.at != null && <RelativeTime at={error.at} />}
              {error.at != null && ': '}
              {error.message}
            </span>
          </span>
        </p>
      )}

      {(source.monitors.length > 0 || source.abilities.length > 0) && (
        <div className="flex flex-col gap-2.5">
          <Chips label={t('sources.can')} words={source.abilities.map((word) => (isAbility(word) ? t(`sources.ability.${word}`) : opened(word)))} />
          <Chips
            label={t('sources.monitors')}
            words={source.monitors.map((word) => (isKind(word) ? t(`monitors.kind.${word}`) : opened(word)))}
            action={
              source.monitors.length > 0 && (
                <Link to={`/monitors?source=${source.name}`} className="text-xs font-medium text-accent underline-offset-4 hover:underline">
                  {t('sources.toMonitors')}
                </Link>
              )
            }
          />
        </div>
      )}

      <Scopes scopes={source.scopes} />
      {canSync(source) && <SyncPanel source={source} />}
      {source.credential_fields.length > 0 && <CredentialPanel source={source} />}
    </section>
  );
}

function Chips({ label, words, action }: { label: string; words: string[]; action?: ReactNode }) {
  if (words.length === 0) return null;
  return (
    <div>
      <p className="mb-1 flex items-baseline justify-between gap-3 text-xs font-medium text-muted">
        {label}
        {action}
      </p>
      <ul className="flex flex-wrap gap-1.5">
        {words.map((word) => (
          <li key={word}>
            <Badge>{word}</Badge>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function SourceCardSkeleton() {
  return (
    <div className={frame}>
      <div className="flex justify-between gap-3">
        <Skeleton className="h-5 w-28" />
        <Skeleton className="h-5 w-20 rounded-full" />
      </div>
      <Skeleton className="h-4 w-full" />
      <Skeleton className="h-4 w-3/4" />
      <Skeleton className="h-28" />
    </div>
  );
}
