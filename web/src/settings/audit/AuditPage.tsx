import { Download, ScrollText } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditEntry } from '../../api/types';
import { useProfileQuery } from '../../auth/useProfile';
import { useRights } from '../../auth/useRights';
import { Button, buttonClass } from '../../ui/Button';
import { DownloadLink } from '../../ui/DownloadLink';
import { More } from '../../ui/More';
import { ErrorNotice, Notice } from '../../ui/Notice';
import { Skeleton } from '../../ui/Skeleton';
import { useAddress } from '../../ui/useAddress';
import { AuditDetails } from './AuditDetails';
import { AuditFilters } from './AuditFilters';
import { AuditTable } from './AuditTable';
import { type Filters, filtersOf, isFiltering, queryOf, tableAddress } from './filters';
import { useAuditLog } from './queries';

/** Who did what, when, from where, and what was refused. */
export function AuditPage() {
  const { t } = useTranslation();
  const { manage } = useRights();
  const { isPending } = useProfileQuery();
  const [params, change] = useAddress<keyof Filters>();
  const [shown, setShown] = useState<AuditEntry | null>(null);
  const filters = filtersOf(params);
  const list = useAuditLog(queryOf(filters), manage);
  const entries = list.data?.pages.flatMap((page) => page.items) ?? [];
  const filtering = isFiltering(filters);
  const clear = () => change({ actor: '', action: '', subject: '', outcome: '', from: '', to: '' });

  if (!manage) return isPending ? null : <p className="text-sm text-muted">{t('audit.adminsOnly')}</p>;
  return (
    <section aria-labelledby="audit-log" className="min-w-0">
      <div className="mb-4 flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0 grow basis-60">
          <h2 id="audit-log" className="text-base font-semibold">
            {t('audit.title')}
          </h2>
          <p className="mt-1 text-sm text-muted">{t('audit.note')}</p>
        </div>
        <DownloadLink href={tableAddress(filters)} download="audit-log.csv" className={buttonClass('secondary', 'small')}>
          <Download aria-hidden className="size-4" />
          {t('product.export.action')}
        </DownloadLink>
      </div>
      <AuditFilters filters={filters} onChange={change} onClear={filtering ? clear : null} />
      {list.isPending ? (
        <div role="status" aria-label={t('common.loading')} className="space-y-px overflow-hidden rounded-2xl border border-line">
          {Array.from({ length: 6 }, (_, index) => (
            <Skeleton key={index} className="h-14 w-full rounded-none" />
          ))}
        </div>
      ) : list.isError && entries.length === 0 ? (
        <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      ) : entries.length === 0 ? (
        <Notice
          icon={<ScrollText />}
          title={t(filtering ? 'audit.noMatch' : 'audit.empty')}
          action={filtering ? <Button onClick={clear}>{t('products.noMatch.clear')}</Button> : undefined}
        >
          {filtering ? undefined : t('audit.emptyBody')}
        </Notice>
      ) : (
        <AuditTable entries={entries} stale={list.isPlaceholderData} onOpen={setShown} />
      )}
      <More list={list} />
      {shown !== null && (
        <AuditDetails
          entry={shown}
          onClose={() => setShown(null)}
          onFilter={(wanted) => {
            setShown(null);
            change(wanted);
          }}
        />
      )}
    </section>
  );
}
