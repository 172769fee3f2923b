import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { RotateCw, TriangleAlert } from 'lucide-react';
import { asProblem } from '../api/problem';
import { useProblemText } from '../api/useProblemText';
import { Button } from './Button';
import { classes } from './classes';

/** A place that has nothing to show, and what to do about it. */
export function Notice({
  icon,
  title,
  children,
  action,
  className,
}: {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
}) {
  return (
    <div
      className={classes(
        'flex flex-col items-center gap-3 rounded-2xl border border-dashed border-line px-6 py-14 text-center',
        className,
      )}
    >
      <span className="flex size-12 items-center justify-center rounded-full bg-accent-soft text-accent [&>svg]:size-6">
        {icon}
      </span>
      <h2 className="text-base font-semibold">{title}</h2>
      {children !== undefined && <div className="max-w-md text-sm text-balance text-muted">{children}</div>}
      {action}
    </div>
  );
}

/** A failed request in the place of its answer: what happened, what helps, and a way to try again. */
export function ErrorNotice({ error, onRetry, className }: { error: unknown; onRetry?: () => void; className?: string }) {
  const { t } = useTranslation();
  const text = useProblemText();
  const problem = asProblem(error);
  const { title, advice } = text(problem);
  return (
    <div role="alert" className={className}>
      <Notice
        icon={<TriangleAlert />}
        title={title}
        action={
          onRetry !== undefined && (
            <Button icon={<RotateCw aria-hidden className="size-4" />} onClick={onRetry}>
              {t('common.tryAgain')}
            </Button>
          )
        }
      >
        <p>{advice}</p>
        {problem.traceId !== null && (
          <p className="mt-2 font-mono text-xs break-all">{t('problem.trace', { id: problem.traceId })}</p>
        )}
      </Notice>
    </div>
  );
}
