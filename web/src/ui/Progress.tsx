import { classes } from './classes';

export interface Part {
  /** Share of the whole, 0 to 1. */
  share: number;
  className: string;
}

/** How far something is: parts of a bar, one after the other. Its words stand beside it. */
export function Progress({
  label,
  percent,
  parts,
  moving = false,
  className,
}: {
  label: string;
  percent: number;
  parts: readonly Part[];
  /** Whether something goes on that the bar does not show yet. */
  moving?: boolean;
  className?: string;
}) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className={classes('relative flex h-2 overflow-hidden rounded-full bg-sunken', className)}
    >
      {parts.map((part, index) => (
        <span
          key={index}
          className={classes('h-full transition-[width] duration-500 ease-out', part.className)}
          style={{ width: `${part.share * 100}%` }}
        />
      ))}
      {moving && (
        <span aria-hidden className="absolute inset-0 overflow-hidden">
          <span className="block h-full w-1/3 bg-ink/10 animate-sweep" />
        </span>
      )}
    </div>
  );
}
