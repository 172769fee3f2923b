import { FlaskConical, Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Product } from '../api/types';
import { useRights } from '../auth/useRights';
import { buttonClass } from '../ui/Button';
import { Skeleton } from '../ui/Skeleton';
import { useRules } from './queries';
import { RuleList } from './RuleList';

/** The rules of one product alone, and the way to another one. */
export function ProductRules({ product }: { product: Product }) {
  const { t } = useTranslation();
  const { write } = useRights();
  const list = useRules(product.tracking_id ?? '');
  const rules = list.data?.pages.flatMap((page) => page.items) ?? [];
  if ((product.tracking_id ?? null) === null) return null;
  return (
    <section aria-labelledby="product-rules" className="overflow-hidden rounded-2xl border border-line bg-surface shadow-card">
      <div className="flex flex-wrap items-center justify-between gap-2 px-4 pt-4 pb-3 sm:px-5">
        <h2 id="product-rules" className="text-base font-semibold">
          {t('rules.title')}
        </h2>
        <Link to="/alerts/rules" className="text-sm font-medium text-accent underline-offset-4 hover:underline">
          {t('rules.all')}
        </Link>
      </div>
      {list.isPending ? (
        <Skeleton className="mx-4 mb-4 h-9 sm:mx-5" />
      ) : rules.length === 0 ? (
        <p className="px-4 pb-4 text-sm text-muted sm:px-5">{t('rules.none')}</p>
      ) : (
        <RuleList rules={rules} withScope={false} className="divide-y divide-line border-t border-line" />
      )}
      <div className="flex flex-wrap gap-2 border-t border-line px-4 py-3 sm:px-5">
        <Link to={`/alerts/rules/new?product=${product.id}`} className={buttonClass('secondary', 'small')}>
          {write ? <Plus aria-hidden className="size-4" /> : <FlaskConical aria-hidden className="size-4" />}
          {t(write ? 'rules.createFor' : 'rules.try.title')}
        </Link>
      </div>
    </section>
  );
}
