import { CircleCheck, CircleSlash, TriangleAlert } from 'lucide-react';
import type { Tone } from '../format/delta';
import { classes } from '../ui/classes';
import { TONE_CLASS } from '../ui/tones';

/** A picture of how a crawl ended. The words beside it say the same. */
export function CrawlIcon({ status }: { status: string }) {
  let tone: Tone = 'bad';
  let Icon = TriangleAlert;
  if (status === 'completed') [tone, Icon] = ['good', CircleCheck];
  if (status === 'cancelled') [tone, Icon] = ['still', CircleSlash];
  return (
    <span className={classes('flex size-9 shrink-0 items-center justify-center rounded-full', TONE_CLASS[tone])}>
      <Icon aria-hidden className="size-4.5" />
    </span>
  );
}
