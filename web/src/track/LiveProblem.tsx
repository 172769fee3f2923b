import { RotateCw, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../api/problem';
import { Button } from '../ui/Button';
import { useLiveProblem } from './useLiveProblem';

/** A question to a source that went wrong, with a way to ask again where that can help. */
export function LiveProblem({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  const text = useLiveProblem();
  const problem = asProblem(error);
  const { title, advice } = text(problem);
  const again = problem.status === 0 || problem.status === 429 || problem.status >= 500;
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-xl bg-warn-soft px-4 py-3.5 text-warn">
      <div className="flex min-w-0 grow basis-64 items-start gap-2.5">
        <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
        <div className="min-w-0 text-sm wrap-break-word">
          <p className="font-semibold">{title}</p>
          <p className="mt-0.5">{advice}</p>
        </div>
      </div>
      {again && (
        <Button size="small" icon={<RotateCw aria-hidden className="size-3.5" />} onClick={onRetry}>
          {t('common.tryAgain')}
        </Button>
      )}
    </div>
  );
}
