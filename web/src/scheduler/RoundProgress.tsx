import { LoaderCircle, Search, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Round } from '../api/types';
import { RelativeTime } from '../format/RelativeTime';
import { useFormat } from '../format/useFormat';
import { useTroubleText } from '../product/outcomes';
import { useSourceName } from '../sources/queries';
import { Badge, type BadgeTone } from '../ui/Badge';
import { ErrorNotice } from '../ui/Notice';
import { Skeleton } from '../ui/Skeleton';
import { useRound } from './queries';

const TONES: Record<string, BadgeTone> = { completed: 'good', partial: 'warn', failed: 'bad', running: 'accent' };

/** How far a round is, and what its searches found. */
export function RoundProgress({ id, title }: { id: string; title: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: round, error, refetch } = useRound(id);
  if (round === undefined) {
    return error === null ? (
      <Skeleton className="h-40 rounded-2xl" />
    ) : (
      <ErrorNotice error={error} onRetry={() => void refetch()} />
    );
  }
  const done = round.succeeded + round.failed;
  const shown = { done: format.number(done), total: format.number(round.total) };
  return (
    <section className="flex flex-col gap-3 rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-5">
      <header className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <h2 className="text-base font-semibold">{title}</h2>
        <Badge tone={TONES[round.status] ?? 'plain'}>
          {round.status === 'running' && <LoaderCircle aria-hidden className="size-3 animate-spin" />}
          {t(`scheduler.status.${statusKey(round.status)}`)}
        </Badge>
      </header>
      <div
        role="progressbar"
        aria-label={title}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={round.percentage}
        aria-valuetext={t('scheduler.progress', shown)}
        className="h-2 overflow-hidden rounded-full bg-sunken"
      >
        <div
          className="h-full rounded-full bg-accent transition-[width] motion-reduce:transition-none"
          style={{ width: `${round.percentage}%` }}
        />
      </div>
      <p className="tabular flex flex-wrap gap-x-3 gap-y-1 text-[0.8125rem] text-muted">
        <span className="font-medium text-ink">{t('scheduler.progress', shown)}</span>
        {round.failed > 0 && (
          <span className="text-warn">{t('scheduler.failed', { count: round.failed, shown: format.number(round.failed) })}</span>
        )}
        {round.eta_seconds != null && <span>{t('scheduler.eta', { time: format.duration(round.eta_seconds) })}</span>}
        <span>
          <RelativeTime at={round.started_at} />
        </span>
      </p>
      {round.searches.length > 0 && (
        <ul aria-label={t('scheduler.searches')} className="divide-y divide-line border-t border-line">
          {round.searches.map((search) => (
            <SearchRow key={search.monitor_id} search={search} />
          ))}
        </ul>
      )}
      <Link to={`/crawls/${round.id}`} className="w-fit text-sm font-medium text-accent underline-offset-4 hover:underline">
        {t('scheduler.toCrawl')}
      </Link>
    </section>
  );
}

const STATUSES = ['running', 'completed', 'partial', 'failed', 'cancelled'] as const;

function statusKey(status: string): (typeof STATUSES)[number] {
  return STATUSES.find((each) => each === status) ?? 'running';
}

/** One search: what it looks for, and what it found. */
export function SearchRow({ search }: { search: Round['searches'][number] }) {
  const trouble = useTroubleText({ monitor: true });
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const what =
    search.kind === 'new_arrivals' || search.kind === 'limited_editions'
      ? t(`monitors.kind.${search.kind}`)
      : t('monitors.kindTerm', { kind: t('monitors.kind.keyword'), term: search.term });
  const found = search.found ?? 0;
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-0.5 py-2 text-[0.8125rem]">
      <span className="flex min-w-0 items-start gap-2">
        <Search aria-hidden className="mt-0.5 size-3.5 shrink-0 text-muted" />
        <span className="min-w-0 wrap-break-word">
          {what} <span className="text-muted">· {sourceName(search.source)}</span>
        </span>
      </span>
      {search.outcome == null ? (
        <span className="text-muted">{t('scheduler.searching')}</span>
      ) : search.outcome === 'ok' ? (
        <span className="tabular">
          {found > 0 ? (
            <Link to={`/?monitor=${search.monitor_id}`} className="font-medium text-accent underline-offset-4 hover:underline">
              {t('monitors.found', { count: found, shown: format.number(found) })}
            </Link>
          ) : (
            t('monitors.found', { count: 0, shown: format.number(0) })
          )}
          {(search.new ?? 0) > 0 && <> · {t('monitors.new', { count: search.new ?? 0, shown: format.number(search.new ?? 0) })}</>}
        </span>
      ) : (
        <span className="flex min-w-0 items-start gap-1.5 text-warn">
          <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
          <span className="min-w-0 wrap-break-word">{search.reason ?? trouble(search.outcome)}</span>
        </span>
      )}
    </li>
  );
}
