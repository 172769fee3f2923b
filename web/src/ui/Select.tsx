import { ChevronDown } from 'lucide-react';
import type { SelectHTMLAttributes } from 'react';
import { classes } from './classes';

interface Props extends SelectHTMLAttributes<HTMLSelectElement> {
  label: string;
  options: readonly { value: string; label: string }[];
}

/** The browser's own select: right on phones, right for keyboards and screen readers. */
export function Select({ label, options, className, ...rest }: Props) {
  return (
    <span className={classes('relative inline-flex', className)}>
      <select
        aria-label={label}
        title={label}
        {...rest}
        className="h-10 w-full appearance-none truncate rounded-lg border border-line bg-surface pr-8 pl-3 text-sm text-ink shadow-card transition-colors hover:border-line-strong aria-invalid:border-bad"
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-2.5 size-4 -translate-y-1/2 text-muted"
      />
    </span>
  );
}
