import type { ReactNode } from 'react';
import { classes } from './classes';

export type BadgeTone = 'plain' | 'good' | 'warn' | 'bad' | 'cool' | 'warm' | 'accent';

const TONES: Record<BadgeTone, string> = {
  plain: 'bg-sunken text-muted',
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  cool: 'bg-cool-soft text-cool',
  warm: 'bg-warm-soft text-warm',
  accent: 'bg-accent-soft text-accent',
};

export function Badge({
  tone = 'plain',
  className,
  title,
  children,
}: {
  tone?: BadgeTone;
  className?: string;
  title?: string;
  children: ReactNode;
}) {
  return (
    <span
      title={title}
      className={classes(
        'inline-flex max-w-full items-center gap-1 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap',
        TONES[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}
