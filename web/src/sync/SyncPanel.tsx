import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { asProblem } from '../api/problem';
import type { Source } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { useRights } from '../auth/useRights';
import { RelativeTime } from '../format/RelativeTime';
import { Button } from '../ui/Button';
import { FieldError } from '../ui/Field';
import { Select } from '../ui/Select';
import { ProgressLine } from './ProgressLine';
import { useLatestSync, useStartSync } from './queries';
import { StatusBadge } from './StatusBadge';
import { useSyncText } from './useSyncText';
import { isOver } from './words';

type Mode = 'incremental' | 'full';

/** Whether there is something to sync: a catalogue, and access to it where it needs one. */
export const canSync = (source: Source): boolean =>
  source.abilities.includes('sync') && (source.ownership === 'public' || (source.credential ?? null) !== null);

/** The source's catalogue: how the last sync went, and a new one. */
export function SyncPanel({ source }: { source: Source }) {
  const { t } = useTranslation();
  const text = useSyncText();
  const problemText = useProblemText();
  const { write } = useRights();
  const [mode, setMode] = useState<Mode>('incremental');
  const start = useStartSync(source.name);
  const latest = useLatestSync(source.name);
  const running = latest !== null && !isOver(latest);
  return (
    <div className="rounded-xl border border-line p-3.5">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-sm font-semibold">{t('sync.catalogue')}</h3>
        {latest !== null && <StatusBadge status={latest.status} />}
      </div>
      <div className="mt-1.5 text-[0.8125rem] text-muted" aria-live="polite">
        {latest === null ? (
          t('sync.never')
        ) : running ? (
          <ProgressLine log={latest} />
        ) : (
          <>
            {text.mode(latest.mode ?? '')} · {text.counts(latest)} · <RelativeTime at={latest.started_at} />
          </>
        )}
      </div>
      <div className="mt-3 flex flex-wrap items-center gap-2">
        {write && (
          <>
            <Select
              label={t('sync.column.mode')}
              value={mode}
              onChange={(event) => setMode(event.target.value === 'full' ? 'full' : 'incremental')}
              options={[
                { value: 'incremental', label: t('sync.mode.incremental') },
                { value: 'full', label: t('sync.mode.full') },
              ]}
            />
            <Button
              size="small"
              busy={start.isPending}
              disabled={running}
              icon={<RefreshCw aria-hidden className="size-3.5" />}
              onClick={() => start.mutate({ mode })}
            >
              {t('sync.now')}
            </Button>
          </>
        )}
        <Link
          to={`/sync-log?source=${source.name}`}
          className="ml-auto text-xs font-medium text-accent underline-offset-4 hover:underline"
        >
          {t('sync.toLog')}
        </Link>
      </div>
      {start.isError && (
        <div className="mt-2">
          <FieldError>{problemText(asProblem(start.error)).advice}</FieldError>
        </div>
      )}
    </div>
  );
}
