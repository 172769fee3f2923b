import { Check, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { asProblem } from '../api/problem';
import type { Product } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { Button } from '../ui/Button';
import { useTroubleText } from './outcomes';
import { useRefresh } from './useRefresh';

/** "Refresh now" with its progress and outcome below, and room for other actions beside it. */
export function RefreshButton({ product, children }: { product: Product; children?: ReactNode }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const trouble = useTroubleText();
  const { state, outcome, crawlId, error, start } = useRefresh(product);
  const busy = state === 'asking' || state === 'waiting';
  return (
    <div className="flex flex-col gap-1.5 sm:ml-auto sm:items-end">
      <div className="flex flex-wrap items-center gap-2">
        <span className="relative inline-flex overflow-hidden rounded-lg">
          <Button
            busy={busy}
            onClick={start}
            icon={
              state === 'done' ? (
                <Check aria-hidden className="size-4 text-accent" />
              ) : (
                <RotateCw aria-hidden className="size-4" />
              )
            }
          >
            {t(busy ? 'product.refresh.busy' : state === 'done' ? 'product.refresh.done' : 'product.refresh.action')}
          </Button>
          {busy && (
            <span aria-hidden className="absolute inset-x-0 bottom-0 h-0.5 overflow-hidden bg-accent-soft">
              <span className="block h-full w-1/3 bg-accent animate-sweep" />
            </span>
          )}
        </span>
        {children}
      </div>
      <p role="status" className="text-xs text-muted empty:hidden">
        {state === 'waiting' && t('product.refresh.waiting')}
        {state === 'done' && t('product.refresh.doneNote')}
        {state === 'slow' && t('product.refresh.slow')}
        {crawlId !== null && (state === 'waiting' || state === 'slow' || (state === 'failed' && error === null)) && (
          <>
            {' '}
            <Link to={`/crawls/${crawlId}`} className="font-medium text-accent underline-offset-4 hover:underline">
              {t('product.refresh.follow')}
            </Link>{' '}
          </>
        )}
        {state === 'failed' && (
          <span className="text-bad">
            {error === null ? (trouble(outcome) ?? t('product.refresh.failed')) : problemText(asProblem(error)).advice}
          </span>
        )}
      </p>
    </div>
  );
}
