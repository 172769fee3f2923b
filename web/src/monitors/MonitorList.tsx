import { Plus, Radar } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../api/problem';
import type { Monitor } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { useRights } from '../auth/useRights';
import { useKnownSources } from '../sources/queries';
import { Button } from '../ui/Button';
import { ConfirmDialog } from '../ui/Dialog';
import { More } from '../ui/More';
import { ErrorNotice, Notice } from '../ui/Notice';
import { Select } from '../ui/Select';
import { Skeleton } from '../ui/Skeleton';
import { toast } from '../ui/toasts';
import { useAddress } from '../ui/useAddress';
import { MonitorDialog } from './MonitorDialog';
import { MonitorRow } from './MonitorRow';
import { useMonitorChanges, useMonitors } from './queries';
import { Suggestions } from './Suggestions';

/** The team's monitors, and ready-made ones to start from. */
export function MonitorList() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const { write } = useRights();
  const [params, choose] = useAddress<'source'>();
  const source = params.get('source') ?? '';
  const sources = useKnownSources().filter((each) => each.monitors.length > 0);
  const list = useMonitors(source);
  const monitors = list.data?.pages.flatMap((page) => page.items) ?? [];
  const { change, run, remove } = useMonitorChanges();
  const [editing, setEditing] = useState<Monitor | 'new' | null>(null);
  const [deleting, setDeleting] = useState<Monitor | null>(null);

  const refused = (error: unknown) => toast({ title: t('problem.refused.title'), body: problemText(asProblem(error)).advice });
  const create = write && (
    <Button
      look="primary"
      disabled={sources.length === 0}
      icon={<Plus aria-hidden className="size-4" />}
      onClick={() => setEditing('new')}
    >
      {t('monitors.create')}
    </Button>
  );

  return (
    <>
      <div className="mb-4 flex flex-wrap justify-between gap-2">
        <Select
          label={t('products.source')}
          className="grow sm:grow-0"
          value={source}
          onChange={(event) => choose({ source: event.target.value })}
          options={[
            { value: '', label: t('products.allSources') },
            ...sources.map((each) => ({ value: each.name, label: each.label })),
          ]}
        />
        {monitors.length > 0 && create}
      </div>

      {write && !list.isPending && <Suggestions sources={sources} monitors={monitors} only={source} />}

      {list.isPending ? (
        <div role="status" aria-label={t('common.loading')} className="divide-y divide-line rounded-2xl border border-line bg-surface">
          {Array.from({ length: 4 }, (_, index) => (
            <div key={index} className="space-y-2 px-5 py-5">
              <Skeleton className="h-4 w-48" />
              <Skeleton className="h-3 w-80 max-w-full" />
            </div>
          ))}
        </div>
      ) : list.isError && monitors.length === 0 ? (
        <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      ) : monitors.length === 0 ? (
        <Notice icon={<Radar />} title={t('monitors.empty.title')} action={create}>
          {t('monitors.empty.body')}
        </Notice>
      ) : (
        <ul className="divide-y divide-line rounded-2xl border border-line bg-surface shadow-card">
          {monitors.map((monitor) => (
            <MonitorRow
              key={monitor.id}
              monitor={monitor}
              busy={run.isPending && run.variables === monitor.id}
              onRun={() => run.mutate(monitor.id, { onError: refused })}
              onToggle={() =>
                change.mutate(
                  { id: monitor.id, body: { status: monitor.status === 'paused' ? 'active' : 'paused' } },
                  { onError: refused },
                )
              }
              onEdit={() => setEditing(monitor)}
              onDelete={() => setDeleting(monitor)}
            />
          ))}
        </ul>
      )}

      <More list={list} />

      {editing !== null && (
        <MonitorDialog
          sources={sources}
          monitor={editing === 'new' ? null : editing}
          initialSource={source}
          onClose={() => setEditing(null)}
        />
      )}
      <ConfirmDialog
        open={deleting !== null}
        onOpenChange={(open) => {
          if (!open) setDeleting(null);
        }}
        title={t('monitors.deleteTitle')}
        description={t('monitors.deleteBody', { name: deleting?.name ?? '' })}
        confirm={t('common.delete')}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => {
          if (deleting !== null) remove.mutate(deleting.id, { onSuccess: () => setDeleting(null) });
        }}
      />
    </>
  );
}
