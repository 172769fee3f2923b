import type { ComponentProps } from 'react';
import { classes } from './classes';
import { FieldError } from './Field';
import { Select } from './Select';

/** A select with its label above, and what is wrong with it below. */
export function SelectField({
  error,
  className,
  ...rest
}: ComponentProps<typeof Select> & { error?: string | null | undefined }) {
  return (
    <div className={classes('flex min-w-0 flex-col gap-1.5', className)}>
      <span aria-hidden className="text-sm font-medium">
        {rest.label}
      </span>
      <Select {...rest} className="w-full" />
      {error != null && error !== '' && <FieldError>{error}</FieldError>}
    </div>
  );
}
