import { classes } from './classes';

/** Turns something on and off at once. Says which in a word as well. */
export function Switch({
  label,
  on,
  onText,
  offText,
  disabled = false,
  onChange,
}: {
  /** What it turns on and off. */
  label: string;
  on: boolean;
  onText: string;
  offText: string;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      aria-label={label}
      disabled={disabled}
      onClick={() => onChange(!on)}
      className="inline-flex h-8 items-center gap-2 rounded-lg px-1 text-[0.8125rem] font-medium text-muted disabled:cursor-default disabled:opacity-60"
    >
      <span aria-hidden className="max-sm:sr-only">
        {on ? onText : offText}
      </span>
      <span
        aria-hidden
        className={classes(
          'flex h-5 w-9 items-center rounded-full border p-0.5 transition-colors',
          on ? 'border-accent bg-accent' : 'border-line-strong bg-sunken',
        )}
      >
        <span
          className={classes('size-3.5 rounded-full transition-transform', on ? 'translate-x-4 bg-on-accent' : 'bg-line-strong')}
        />
      </span>
    </button>
  );
}
