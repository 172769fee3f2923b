import { CircleAlert, CircleCheck, CircleDashed, Hourglass, LoaderCircle, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { opened } from '../sources/words';
import { Badge } from '../ui/Badge';
import { classes } from '../ui/classes';
import { isStatus, statusTone } from './words';

const ICONS: Record<string, LucideIcon> = {
  pending: Hourglass,
  processing: LoaderCircle,
  success: CircleCheck,
  partial: CircleAlert,
  failed: CircleAlert,
};

/** How a sync stands: colour, picture and words. */
export function StatusBadge({ status }: { status: string }) {
  const { t } = useTranslation();
  const Icon = ICONS[status] ?? CircleDashed;
  return (
    <Badge tone={statusTone(status)}>
      <Icon aria-hidden className={classes('size-3.5 shrink-0', status === 'processing' && 'animate-spin')} />
      {isStatus(status) ? t(`sync.status.${status}`) : opened(status)}
    </Badge>
  );
}
