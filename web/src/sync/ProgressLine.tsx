import { useTranslation } from 'react-i18next';
import type { SyncLog } from '../api/types';
import { useSyncText } from './useSyncText';
import { percentDone } from './words';

/** How far a sync is: a bar once it is known how many there are. */
export function ProgressLine({ log }: { log: SyncLog }) {
  const { t } = useTranslation();
  const text = useSyncText();
  const listing = (log.crawl_id ?? null) === null;
  const percent = listing ? null : percentDone(log);
  const words = log.status === 'pending' ? t('sync.waits') : listing ? t('sync.lists', { count: log.total }) : text.counts(log);
  return (
    <div>
      <div
        role="progressbar"
        aria-label={t('sync.progress')}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(percent === null ? {} : { 'aria-valuenow': percent })}
        className="h-1.5 overflow-hidden rounded-full bg-sunken"
      >
        <div
          className={percent === null ? 'h-full w-1/3 animate-pulse rounded-full bg-accent' : 'h-full rounded-full bg-accent transition-[width]'}
          style={percent === null ? undefined : { width: `${percent}%` }}
        />
      </div>
      <p className="tabular mt-1.5 text-xs text-muted">{words}</p>
    </div>
  );
}
