import { BellRing, SlidersHorizontal } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { buttonClass } from '../ui/Button';
import { More } from '../ui/More';
import { ErrorNotice, Notice } from '../ui/Notice';
import { Segments } from '../ui/Segments';
import { Skeleton } from '../ui/Skeleton';
import { useTitle } from '../ui/useTitle';
import { AlertRow } from './AlertRow';
import { useAlerts } from './queries';
import { markAllSeen } from './unseen';

type Show = 'open' | 'all';

export function Alerts() {
  const { t } = useTranslation();
  useTitle(t('alerts.title'));
  const [show, setShow] = useState<Show>('all');
  const alerts = useAlerts();
  const all = alerts.data?.pages.flatMap((page) => page.items) ?? [];
  const shown = show === 'all' ? all : all.filter((alert) => (alert.acknowledged_at ?? null) === null);

  // Also those that arrive while one is looking are seen.
  const newest = all[0]?.id;
  useEffect(() => {
    if (newest !== undefined) markAllSeen();
  }, [newest]);

  return (
    <>
      <div className="mb-5 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h1 className="text-2xl font-semibold tracking-tight">{t('alerts.title')}</h1>
          <p className="mt-1 text-sm text-muted">{t('alerts.subtitle')}</p>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <Segments
            label={t('alerts.show')}
            value={show}
            onChange={setShow}
            options={[
              { value: 'all', label: t('alerts.all') },
              { value: 'open', label: t('alerts.open') },
            ]}
          />
          <Link to="/alerts/rules" className={buttonClass('secondary', 'small')}>
            <SlidersHorizontal aria-hidden className="size-4" />
            {t('rules.short')}
          </Link>
        </div>
      </div>

      {alerts.isPending ? (
        <div role="status" aria-label={t('common.loading')} className="divide-y divide-line rounded-2xl border border-line bg-surface">
          {Array.from({ length: 6 }, (_, index) => (
            <div key={index} className="flex items-center gap-3 px-5 py-4">
              <Skeleton className="size-9 rounded-full" />
              <div className="grow space-y-2">
                <Skeleton className="h-4 w-40" />
                <Skeleton className="h-3 w-64 max-w-full" />
              </div>
            </div>
          ))}
        </div>
      ) : alerts.isError && all.length === 0 ? (
        <ErrorNotice error={alerts.error} onRetry={() => void alerts.refetch()} />
      ) : shown.length === 0 ? (
        <Notice
          icon={<BellRing />}
          title={t(all.length === 0 ? 'alerts.empty.title' : 'alerts.emptyOpen.title')}
          action={
            <Link to="/" className={buttonClass()}>
              {t('alerts.empty.action')}
            </Link>
          }
        >
          {t(all.length === 0 ? 'alerts.empty.body' : 'alerts.emptyOpen.body')}
        </Notice>
      ) : (
        <ul className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface shadow-card">
          {shown.map((alert) => (
            <AlertRow key={alert.id} alert={alert} />
          ))}
        </ul>
      )}

      <More list={alerts} />
    </>
  );
}
