import {
  BadgePercent,
  Bell,
  CircleCheck,
  FileText,
  PackageCheck,
  PackageX,
  Radar,
  Star,
  Store,
  TrendingDown,
  TrendingUp,
  TriangleAlert,
  Trophy,
} from 'lucide-react';
import type { Alert } from '../api/types';
import { deltaOf, priceTone, rankTone, type Tone } from '../format/delta';
import { useColourSense } from '../theme/useColourSense';
import { TONE_CLASS } from '../ui/tones';
import { classes } from '../ui/classes';

/** A picture of what happened. The words beside it say the same. */
export function AlertIcon({ alert }: { alert: Alert }) {
  const sense = useColourSense();
  const direction = deltaOf(alert.percent)?.direction ?? 'same';
  let tone: Tone = 'still';
  let Icon = Bell;
  switch (alert.kind) {
    case 'price':
    case 'target_price':
    case 'lowest':
    case 'highest':
      Icon = alert.kind === 'price' ? (direction === 'up' ? TrendingUp : TrendingDown) : BadgePercent;
      tone = priceTone(alert.kind === 'price' ? direction : alert.kind === 'highest' ? 'up' : 'down', sense);
      break;
    case 'rank':
      Icon = Trophy;
      tone = rankTone(direction);
      break;
    case 'rating':
    case 'review_count':
      Icon = Star;
      break;
    case 'restock':
      Icon = PackageCheck;
      tone = 'good';
      break;
    case 'stock':
    case 'availability':
      Icon = PackageX;
      break;
    case 'buy_box':
      Icon = Store;
      break;
    case 'content':
      Icon = FileText;
      break;
    case 'new_listing':
      Icon = Radar;
      tone = 'cool';
      break;
    case 'target_recovered':
    case 'source_recovered':
      Icon = CircleCheck;
      tone = 'good';
      break;
    case 'target_trouble':
    case 'source_trouble':
      Icon = TriangleAlert;
      tone = 'bad';
      break;
  }
  return (
    <span className={classes('flex size-9 shrink-0 items-center justify-center rounded-full', TONE_CLASS[tone])}>
      <Icon aria-hidden className="size-4.5" />
    </span>
  );
}
