import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SyncLog } from '../api/types';
import { useFormat } from '../format/useFormat';
import { useSourceName } from '../sources/queries';
import { Dialog } from '../ui/Dialog';
import { ErrorNotice } from '../ui/Notice';
import { Skeleton } from '../ui/Skeleton';
import { ProgressLine } from './ProgressLine';
import { useSyncLog } from './queries';
import { StatusBadge } from './StatusBadge';
import { useSyncText } from './useSyncText';
import { isOver } from './words';

/** One log: its figures, and what did not go well with its reasons. */
export function SyncDetails({ id, onClose }: { id: SyncLog['id']; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useSyncText();
  const sourceName = useSourceName();
  const { data: log, error, isError, refetch } = useSyncLog(id);
  const title = log === undefined ? t('sync.details') : `${log.source == null ? t('sync.severalSources') : sourceName(log.source)} · ${text.type(log.type)}`;
  const figures: [string, ReactNode][] =
    log === undefined
      ? []
      : [
          [t('sync.column.status'), <StatusBadge key="status" status={log.status} />],
          [t('sync.column.mode'), log.mode == null ? null : text.mode(log.mode)],
          [t('sync.column.trigger'), text.trigger(log.trigger)],
          [t('sync.column.result'), text.counts(log)],
          [t('sync.column.started'), format.dateTime(log.started_at)],
          [t('sync.column.duration'), text.duration(log.duration_ms)],
        ];
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={title} description={t('sync.detailsBody')} large>
      {log === undefined ? (
        isError ? (
          <ErrorNotice error={error} onRetry={() => void refetch()} />
        ) : (
          <Skeleton className="h-40 w-full" />
        )
      ) : (
        <div className="flex flex-col gap-5">
          {!isOver(log) && <ProgressLine log={log} />}
          <dl className="divide-y divide-line text-sm">
            {figures.map(
              ([label, value]) =>
                value !== null && (
                  <div key={label} className="flex items-baseline justify-between gap-4 py-2">
                    <dt className="shrink-0 text-muted">{label}</dt>
                    <dd className="tabular min-w-0 text-right">{value}</dd>
                  </div>
                ),
            )}
          </dl>
          {log.failures.length > 0 && (
            <section>
              <h3 className="mb-2 text-sm font-semibold">
                {log.failures.length < log.failed
                  ? t('sync.firstFailures', { shown: format.number(log.failures.length), total: format.number(log.failed) })
                  : t('sync.failures')}
              </h3>
              <ul className="max-h-80 divide-y divide-line overflow-y-auto rounded-xl border border-line text-sm">
                {log.failures.map((failure) => (
                  <li key={failure.code} className="px-3.5 py-2.5">
                    <p className="flex flex-wrap items-baseline justify-between gap-x-3">
                      <span className="font-mono text-[0.8125rem] wrap-anywhere">{failure.code}</span>
                      <span className="text-muted">{text.outcome(failure.outcome)}</span>
                    </p>
                    {failure.reason != null && failure.reason !== '' && (
                      <p className="mt-0.5 text-[0.8125rem] text-muted wrap-break-word">{failure.reason}</p>
                    )}
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
      )}
    </Dialog>
  );
}
