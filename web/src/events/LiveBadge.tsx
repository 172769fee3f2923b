import { WifiOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Badge } from '../ui/Badge';
import type { Connection } from './useLiveEvents';

/** Says whether what is shown is live; silent while connecting for the first time. */
export function LiveBadge({ state }: { state: Connection }) {
  const { t } = useTranslation();
  return (
    <span role="status" className="mr-1 inline-flex">
      {state === 'live' && (
        <Badge tone="accent" title={t('events.liveTitle')} className="max-md:sr-only">
          <span aria-hidden className="size-1.5 rounded-full bg-accent" />
          {t('events.live')}
        </Badge>
      )}
      {state === 'lost' && (
        <Badge tone="warn" title={t('events.lostTitle')}>
          <WifiOff aria-hidden className="size-3" />
          {t('events.lost')}
        </Badge>
      )}
    </span>
  );
}
