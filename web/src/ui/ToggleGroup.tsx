import { useId } from 'react';
import { classes } from './classes';
import { FieldError } from './Field';

/** A row of things, any number of which may be chosen. */
export function ToggleGroup<T extends string>({
  label,
  chosen,
  options,
  onChange,
  error,
}: {
  label: string;
  chosen: readonly T[];
  options: readonly { value: T; label: string }[];
  onChange: (chosen: T[]) => void;
  error?: string | null | undefined;
}) {
  const id = useId();
  return (
    <div role="group" aria-labelledby={id}>
      <p id={id} className="mb-1.5 text-sm font-medium">
        {label}
      </p>
      <div className="flex flex-wrap gap-1.5">
        {options.map(({ value, label: text }) => {
          const on = chosen.includes(value);
          return (
            <button
              key={value}
              type="button"
              aria-pressed={on}
              onClick={() => onChange(on ? chosen.filter((each) => each !== value) : [...chosen, value])}
              className={classes(
                'h-9 rounded-lg border px-3 text-[0.8125rem] font-medium transition-colors',
                on ? 'border-accent bg-accent-soft text-accent' : 'border-line bg-surface text-muted hover:border-line-strong',
              )}
            >
              {text}
            </button>
          );
        })}
      </div>
      {error != null && error !== '' && (
        <div className="mt-1.5">
          <FieldError>{error}</FieldError>
        </div>
      )}
    </div>
  );
}
