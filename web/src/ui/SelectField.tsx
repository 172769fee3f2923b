import { type ComponentProps, type ReactNode, useId } from 'react';
import { classes } from './classes';
import { FieldError } from './Field';
import { Select } from './Select';

/** A select with its label above, and what is wrong with it below, tied to it. */
export function SelectField({
  hint,
  error,
  className,
  ...rest
}: ComponentProps<typeof Select> & { hint?: ReactNode; error?: string | null | undefined }) {
  const id = useId();
  const bad = error != null && error !== '';
  return (
    <div className={classes('flex min-w-0 flex-col gap-1.5', className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {rest.label}
      </label>
      <Select
        {...rest}
        id={id}
        aria-invalid={bad || undefined}
        aria-describedby={bad ? `${id}-error` : hint === undefined ? undefined : `${id}-hint`}
        className="w-full"
      />
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
