import { classes } from '../ui/classes';
import type { Look } from './lines';

const SHAPES: Record<string, React.ReactNode> = {
  circle: <circle cx="14" cy="6" r="4" />,
  rect: <rect x="10" y="2" width="8" height="8" />,
  triangle: <path d="M14 1.5l4.6 8.5H9.4z" />,
  diamond: <path d="M14 1l5 5-5 5-5-5z" />,
  roundRect: <rect x="10" y="2" width="8" height="8" rx="2.5" />,
  arrow: <path d="M14 1l4.6 9.5-4.6-2.4-4.6 2.4z" />,
};

/** A line's letter, and a piece of it as the chart draws it. */
export function Sample({ look, off = false }: { look: Look; off?: boolean }) {
  const colour = off ? 'currentColor' : `var(--${look.role})`;
  return (
    <span aria-hidden className={classes('inline-flex shrink-0 items-center gap-1.5', off && 'opacity-60')}>
      <span className="w-3 text-center text-sm font-bold" style={{ color: colour }}>
        {look.letter}
      </span>
      <svg viewBox="0 0 28 12" className="h-3 w-7">
        <path
          d="M0 6h28"
          stroke={colour}
          strokeWidth="2.25"
          strokeDasharray={look.dash === 'solid' ? undefined : look.dash.join(' ')}
        />
        <g fill={colour}>{SHAPES[look.symbol]}</g>
      </svg>
    </span>
  );
}
