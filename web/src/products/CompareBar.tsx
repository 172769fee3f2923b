import { ChartSpline } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Product } from '../api/types';
import { addressOf, MOST } from '../compare/choice';
import { Button } from '../ui/Button';

/** Stays in sight while products are ticked for a comparison. */
export function CompareBar({ ids, onStop }: { ids: readonly Product['id'][]; onStop: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <div className="sticky bottom-18 z-20 mx-auto mt-6 flex w-fit max-w-full flex-wrap items-center justify-center gap-x-4 gap-y-2 rounded-2xl border border-line bg-surface px-4 py-3 shadow-lift md:bottom-5">
      <p aria-live="polite" className="tabular text-sm font-medium">
        {t('compare.picked', { count: ids.length, most: MOST })}
      </p>
      <div className="flex gap-2">
        <Button size="small" look="quiet" onClick={onStop}>
          {t('common.cancel')}
        </Button>
        <Button
          size="small"
          look="primary"
          disabled={ids.length < 2}
          icon={<ChartSpline aria-hidden className="size-4" />}
          onClick={() => void navigate(addressOf(ids))}
        >
          {t('compare.start')}
        </Button>
      </div>
    </div>
  );
}
