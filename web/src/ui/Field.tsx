import { CircleAlert } from 'lucide-react';
import { type InputHTMLAttributes, type ReactNode, useId } from 'react';
import { classes } from './classes';

export const inputClass =
  'h-10 w-full rounded-lg border border-line-strong/60 bg-surface px-3 text-sm text-ink placeholder:text-muted/80 transition-colors hover:border-line-strong focus-visible:border-accent focus-visible:outline-2 focus-visible:outline-offset-0 focus-visible:outline-accent/40 aria-invalid:border-bad';

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: ReactNode;
  error?: string | null | undefined;
  /** Stands in the field at its end. */
  after?: ReactNode;
}

/** A labelled text field; its error is tied to it and read out when it appears. */
export function Field({ label, hint, error, after, className, ...rest }: Props) {
  const id = useId();
  const bad = error !== null && error !== undefined && error !== '';
  return (
    <div className={classes('flex flex-col gap-1.5', className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <span className="relative block">
        <input
          {...rest}
          id={id}
          aria-invalid={bad || undefined}
          aria-describedby={bad ? `${id}-error` : hint === undefined ? undefined : `${id}-hint`}
          className={classes(inputClass, after !== undefined && 'pr-10!')}
        />
        {after}
      </span>
      {bad ? (
        <FieldError id={`${id}-error`}>{error}</FieldError>
      ) : (
        hint !== undefined && (
          <p id={`${id}-hint`} className="text-[0.8125rem] text-muted">
            {hint}
          </p>
        )
      )}
    </div>
  );
}

export function FieldError({ id, children }: { id?: string; children: ReactNode }) {
  return (
    <p id={id} role="alert" className="flex items-start gap-1.5 text-[0.8125rem] text-bad">
      <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
      <span>{children}</span>
    </p>
  );
}
