import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { asProblem } from '../api/problem';
import type { Product } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { RelativeTime } from '../format/RelativeTime';
import { ChangeTiming } from '../schedule/ChangeTiming';
import { useTimingText } from '../schedule/useTimingText';
import { Button } from '../ui/Button';
import { ConfirmDialog } from '../ui/Dialog';
import { Skeleton } from '../ui/Skeleton';
import { toast } from '../ui/toasts';
import { useTroubleText } from './outcomes';
import { useStopTracking, useTracking } from './queries';

/** How often a product is looked at, when next, and how to stop. */
export function TrackingSettings({ product }: { product: Product }) {
  const { t } = useTranslation();
  const timingText = useTimingText();
  const problemText = useProblemText();
  const trouble = useTroubleText();
  const navigate = useNavigate();
  const [confirming, setConfirming] = useState(false);
  const tracking = useTracking(product);
  const stop = useStopTracking(product, () => {
    toast({ title: t('product.tracking.stopped'), body: product.title });
    void navigate('/', { replace: true });
  });
  const id = product.tracking_id ?? null;
  if (id === null) return null;

  return (
    <section aria-labelledby="tracking" className="rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-5">
      <h2 id="tracking" className="mb-3 text-base font-semibold">
        {t('product.tracking.title')}
      </h2>
      {tracking.isPending ? (
        <Skeleton className="h-10 rounded-lg" />
      ) : tracking.isError ? (
        <p className="text-sm text-bad">{problemText(asProblem(tracking.error)).advice}</p>
      ) : (
        <>
          {tracking.data != null && (
            <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-2">
              <p className="min-w-0 text-sm">{timingText(tracking.data)}</p>
              <ChangeTiming product={product} tracking={tracking.data} />
            </div>
          )}
          {trouble(tracking.data?.last_outcome) !== null && (
            <p className="mt-3 flex items-start gap-2 rounded-lg bg-warn-soft px-3 py-2 text-[0.8125rem] text-warn">
              <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
              {trouble(tracking.data?.last_outcome)}
            </p>
          )}
          {tracking.data?.next_due_at != null && (
            <p className="mt-2 text-[0.8125rem] text-muted">
              {t('product.tracking.next')} <RelativeTime at={tracking.data.next_due_at} />
            </p>
          )}
        </>
      )}
      <Button look="danger" size="small" className="mt-4" onClick={() => setConfirming(true)}>
        {t('product.tracking.stop')}
      </Button>
      <ConfirmDialog
        open={confirming}
        onOpenChange={setConfirming}
        title={t('product.tracking.confirmTitle')}
        description={t('product.tracking.confirmBody', { title: product.title ?? product.external_id })}
        confirm={t('product.tracking.stop')}
        busy={stop.isPending}
        error={stop.error}
        onConfirm={() => stop.mutate(id)}
      />
    </section>
  );
}
