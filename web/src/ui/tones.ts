import type { Tone } from '../format/delta';

/** Ground and text of each tone; every pair has at least 4.5:1 contrast. */
export const TONE_CLASS: Record<Tone, string> = {
  cool: 'bg-cool-soft text-cool',
  warm: 'bg-warm-soft text-warm',
  good: 'bg-good-soft text-good',
  bad: 'bg-bad-soft text-bad',
  still: 'bg-sunken text-muted',
};

/** Text alone in each tone. */
export const TONE_TEXT: Record<Tone, string> = {
  cool: 'text-cool',
  warm: 'text-warm',
  good: 'text-good',
  bad: 'text-bad',
  still: 'text-muted',
};
