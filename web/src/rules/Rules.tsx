import { ArrowLeft, Plus, SlidersHorizontal } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useRights } from '../auth/useRights';
import { buttonClass } from '../ui/Button';
import { More } from '../ui/More';
import { ErrorNotice, Notice } from '../ui/Notice';
import { Skeleton } from '../ui/Skeleton';
import { useTitle } from '../ui/useTitle';
import { useRules } from './queries';
import { RuleList } from './RuleList';

/** Every rule that raises alerts. */
export function Rules() {
  const { t } = useTranslation();
  useTitle(t('rules.title'));
  const { write } = useRights();
  const list = useRules();
  const rules = list.data?.pages.flatMap((page) => page.items) ?? [];
  const create = write && (
    <Link to="/alerts/rules/new" className={buttonClass('primary')}>
      <Plus aria-hidden className="size-4" />
      {t('rules.create')}
    </Link>
  );
  return (
    <>
      <Link to="/alerts" className="mb-4 inline-flex items-center gap-1.5 rounded-md text-sm text-muted hover:text-ink">
        <ArrowLeft aria-hidden className="size-4" />
        {t('rules.back')}
      </Link>
      <div className="mb-5 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h1 className="text-2xl font-semibold tracking-tight">{t('rules.title')}</h1>
          <p className="mt-1 max-w-2xl text-sm text-pretty text-muted">{t('rules.subtitle')}</p>
        </div>
        {rules.length > 0 && create}
      </div>
      {list.isPending ? (
        <div role="status" aria-label={t('common.loading')} className="divide-y divide-line rounded-2xl border border-line bg-surface">
          {Array.from({ length: 4 }, (_, index) => (
            <div key={index} className="space-y-2 px-5 py-5">
              <Skeleton className="h-4 w-72 max-w-full" />
              <Skeleton className="h-5 w-24 rounded-full" />
            </div>
          ))}
        </div>
      ) : list.isError && rules.length === 0 ? (
        <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      ) : rules.length === 0 ? (
        <Notice icon={<SlidersHorizontal />} title={t('rules.empty.title')} action={create}>
          {t('rules.empty.body')}
        </Notice>
      ) : (
        <RuleList
          rules={rules}
          className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface shadow-card"
        />
      )}
      <More list={list} />
    </>
  );
}
