import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../ui/Notice';
import { Skeleton } from '../ui/Skeleton';
import { useTitle } from '../ui/useTitle';
import { PlanSection } from './PlanSection';
import { useTenant } from './queries';
import { TeamSection } from './TeamSection';

/** The team's own settings: what it is called, whose clock it follows, and what its plan allows. */
export function Settings() {
  const { t } = useTranslation();
  useTitle(t('settings.title'));
  const { data: tenant, error, isPending, refetch } = useTenant();
  return (
    <>
      <div className="mb-5">
        <h1 className="text-2xl font-semibold tracking-tight">{t('settings.title')}</h1>
        <p className="mt-1 text-sm text-muted">{t('settings.subtitle')}</p>
      </div>
      {tenant !== undefined ? (
        <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem] lg:gap-6">
          <TeamSection tenant={tenant} />
          <PlanSection tenant={tenant} />
        </div>
      ) : isPending ? (
        <div role="status" aria-label={t('common.loading')} className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_22rem] lg:gap-6">
          <Skeleton className="h-80 rounded-2xl" />
          <Skeleton className="h-64 rounded-2xl" />
        </div>
      ) : (
        <ErrorNotice error={error} onRetry={() => void refetch()} />
      )}
    </>
  );
}
