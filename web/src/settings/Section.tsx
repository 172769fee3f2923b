import type { ReactNode } from 'react';
import { classes } from '../ui/classes';

/** One part of a settings page, with what it is about. */
export function Section({
  id,
  title,
  note,
  action,
  danger = false,
  children,
}: {
  id: string;
  title: string;
  note?: ReactNode;
  /** Stands beside the title. */
  action?: ReactNode;
  danger?: boolean;
  children: ReactNode;
}) {
  return (
    <section
      aria-labelledby={id}
      className={classes('rounded-2xl border bg-surface p-4 shadow-card sm:p-6', danger ? 'border-bad/40' : 'border-line')}
    >
      <div className="mb-5 flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0 grow basis-60">
          <h2 id={id} className="text-base font-semibold">
            {title}
          </h2>
          {note !== undefined && <p className="mt-1 max-w-prose text-sm text-muted">{note}</p>}
        </div>
        {action}
      </div>
      {children}
    </section>
  );
}
