import { Radar, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useMonitor } from '../monitors/queries';
import { IconButton } from '../ui/Button';

/** Says that the list shows only what one monitor found. */
export function FoundBy({ monitor, onClear }: { monitor: string; onClear: () => void }) {
  const { t } = useTranslation();
  const { data } = useMonitor(monitor);
  return (
    <p className="-mt-2 mb-5 flex w-fit max-w-full items-center gap-2 rounded-lg bg-accent-soft py-1 pr-1 pl-3 text-sm text-accent">
      <Radar aria-hidden className="size-4 shrink-0" />
      <Link to="/monitors" className="min-w-0 truncate underline-offset-4 hover:underline">
        {t('products.foundBy', { monitor: data?.name ?? '…' })}
      </Link>
      <IconButton label={t('products.clearMonitor')} onClick={onClear} className="size-8! text-accent!">
        <X aria-hidden className="size-4" />
      </IconButton>
    </p>
  );
}
