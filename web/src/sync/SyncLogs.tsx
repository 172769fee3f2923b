import { ListChecks } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useKnownSources } from '../sources/queries';
import { buttonClass } from '../ui/Button';
import { More } from '../ui/More';
import { ErrorNotice, Notice } from '../ui/Notice';
import { Select } from '../ui/Select';
import { Skeleton } from '../ui/Skeleton';
import { useTitle } from '../ui/useTitle';
import { type Filters, queryOf, useFilters } from './filters';
import { useSyncLogs } from './queries';
import { SyncDetails } from './SyncDetails';
import { SyncTable } from './SyncTable';
import { STATUSES, TYPES } from './words';

/** What was synced, read live or crawled by hand, and how it went. */
export function SyncLogs() {
  const { t } = useTranslation();
  useTitle(t('sync.title'));
  const [filters, change] = useFilters();
  const [shown, setShown] = useState<string | null>(null);
  const logs = useSyncLogs(queryOf(filters));
  const all = logs.data?.pages.flatMap((page) => page.items) ?? [];
  const filtering = Object.values(filters).some((value) => value !== '');

  return (
    <>
      <div className="mb-5">
        <h1 className="text-2xl font-semibold tracking-tight">{t('sync.title')}</h1>
        <p className="mt-1 text-sm text-muted">{t('sync.subtitle')}</p>
      </div>
      <FilterBar filters={filters} onChange={change} />
      {logs.isPending ? (
        <div role="status" aria-label={t('common.loading')} className="space-y-px overflow-hidden rounded-2xl border border-line">
          {Array.from({ length: 6 }, (_, index) => (
            <Skeleton key={index} className="h-12 w-full rounded-none" />
          ))}
        </div>
      ) : logs.isError && all.length === 0 ? (
        <ErrorNotice error={logs.error} onRetry={() => void logs.refetch()} />
      ) : all.length === 0 ? (
        <Notice
          icon={<ListChecks />}
          title={t(filtering ? 'sync.noneFound' : 'sync.none')}
          action={
            <Link to="/sources" className={buttonClass()}>
              {t('sync.toSources')}
            </Link>
          }
        >
          {t(filtering ? 'sync.noneFoundBody' : 'sync.noneBody')}
        </Notice>
      ) : (
        <SyncTable logs={all} onOpen={setShown} />
      )}
      <More list={logs} />
      {shown !== null && <SyncDetails id={shown} onClose={() => setShown(null)} />}
    </>
  );
}

function FilterBar({ filters, onChange }: { filters: Filters; onChange: (change: Partial<Filters>) => void }) {
  const { t } = useTranslation();
  const sources = useKnownSources();
  return (
    <search className="mb-6 flex flex-wrap gap-2">
      <Select
        label={t('sync.column.type')}
        className="grow sm:grow-0"
        value={filters.type}
        onChange={(event) => onChange({ type: event.target.value })}
        options={[
          { value: '', label: t('sync.allTypes') },
          ...TYPES.map((type) => ({ value: type, label: t(`sync.type.${type}`) })),
        ]}
      />
      <Select
        label={t('sync.column.status')}
        className="grow sm:grow-0"
        value={filters.status}
        onChange={(event) => onChange({ status: event.target.value })}
        options={[
          { value: '', label: t('sync.allStatuses') },
          ...STATUSES.map((status) => ({ value: status, label: t(`sync.status.${status}`) })),
        ]}
      />
      <Select
        label={t('sync.column.source')}
        className="grow sm:grow-0"
        value={filters.source}
        onChange={(event) => onChange({ source: event.target.value })}
        options={[
          { value: '', label: t('products.allSources') },
          ...sources.map((source) => ({ value: source.name, label: source.label })),
        ]}
      />
    </search>
  );
}
