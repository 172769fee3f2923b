import { useQuery } from '@tanstack/react-query';
import { ArrowLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearchParams } from 'react-router';
import { productQuery } from '../product/queries';
import { ErrorNotice } from '../ui/Notice';
import { Skeleton } from '../ui/Skeleton';
import { useTitle } from '../ui/useTitle';
import { useRule, useTracked } from './queries';
import { RuleEditor } from './RuleEditor';

/** A rule to make, or to change and test. `?product=` begins with that product. */
export function RulePage() {
  const { t } = useTranslation();
  const { id } = useParams();
  const [params] = useSearchParams();
  const existing = id === undefined || id === 'new' ? null : id;
  const title = t(existing === null ? 'rules.form.newTitle' : 'rules.form.editTitle');
  useTitle(title);
  const rule = useRule(existing);
  const tracked = useTracked(rule.data?.tracking_id ?? null);
  const wanted = Number(params.get('product') ?? Number.NaN);
  const product = useQuery({ ...productQuery(wanted), enabled: Number.isSafeInteger(wanted) && wanted > 0 });
  const waiting =
    (existing !== null && rule.isPending) || (rule.data?.tracking_id != null && tracked.isPending) || product.isLoading;

  return (
    <>
      <Link to="/alerts/rules" className="mb-4 inline-flex items-center gap-1.5 rounded-md text-sm text-muted hover:text-ink">
        <ArrowLeft aria-hidden className="size-4" />
        {t('rules.title')}
      </Link>
      <h1 className="mb-5 text-2xl font-semibold tracking-tight">{title}</h1>
      {waiting ? (
        <div role="status" aria-label={t('common.loading')} className="grid gap-4 xl:grid-cols-2">
          <Skeleton className="h-112 rounded-2xl" />
          <Skeleton className="h-72 rounded-2xl" />
        </div>
      ) : rule.isError && existing !== null ? (
        <ErrorNotice error={rule.error} onRetry={() => void rule.refetch()} />
      ) : (
        <RuleEditor key={existing ?? 'new'} rule={rule.data ?? null} initialProduct={tracked.data ?? product.data ?? null} />
      )}
    </>
  );
}
