import { ChevronDown } from 'lucide-react';
import type { SelectHTMLAttributes } from 'react';
import { classes } from './classes';

interface Option {
  value: string;
  label: string;
}

interface Props extends SelectHTMLAttributes<HTMLSelectElement> {
  label: string;
  /** Single ones, and groups of them under a name. */
  options: readonly (Option | { label: string; options: readonly Option[] })[];
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
        {options.map((option) =>
          'options' in option ? (
            <optgroup key={option.label} label={option.label}>
              <Choices options={option.options} />
            </optgroup>
          ) : (
            <Choices key={option.value} options={[option]} />
          ),
        )}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-2.5 size-4 -translate-y-1/2 text-muted"
      />
    </span>
  );
}

const Choices = ({ options }: { options: readonly Option[] }) =>
  options.map(({ value, label }) => (
    <option key={value} value={value}>
      {label}
    </option>
  ));
