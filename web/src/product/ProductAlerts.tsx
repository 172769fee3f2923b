import { useTranslation } from 'react-i18next';
import { AlertRow } from '../alerts/AlertRow';
import { useAlerts } from '../alerts/queries';
import { asProblem } from '../api/problem';
import type { Product } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { Button } from '../ui/Button';
import { Skeleton } from '../ui/Skeleton';

/** The alerts that one product raised. */
export function ProductAlerts({ product }: { product: Product }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const alerts = useAlerts(product.id);
  const items = alerts.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section aria-labelledby="product-alerts" className="overflow-hidden rounded-2xl border border-line bg-surface shadow-card">
      <h2 id="product-alerts" className="px-4 pt-4 pb-3 text-base font-semibold sm:px-5 sm:pt-5">
        {t('alerts.title')}
      </h2>
      {alerts.isPending ? (
        <div className="space-y-3 px-5 pb-5">
          <Skeleton className="h-9" />
          <Skeleton className="h-9" />
        </div>
      ) : alerts.isError && items.length === 0 ? (
        <p className="px-5 pb-5 text-sm text-bad">{problemText(asProblem(alerts.error)).advice}</p>
      ) : items.length === 0 ? (
        <p className="px-4 pb-5 text-sm text-muted sm:px-5">{t('product.noAlerts')}</p>
      ) : (
        <ul className="divide-y divide-line border-t border-line">
          {items.map((alert) => (
            <AlertRow key={alert.id} alert={alert} withProduct={false} />
          ))}
        </ul>
      )}
      {alerts.hasNextPage && (
        <div className="flex justify-center border-t border-line p-3">
          <Button look="quiet" size="small" busy={alerts.isFetchingNextPage} onClick={() => void alerts.fetchNextPage()}>
            {t('common.more')}
          </Button>
        </div>
      )}
    </section>
  );
}
