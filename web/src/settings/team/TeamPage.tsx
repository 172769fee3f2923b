import { useTranslation } from 'react-i18next';
import { useRights } from '../../auth/useRights';
import { ErrorNotice } from '../../ui/Notice';
import { Skeleton } from '../../ui/Skeleton';
import { useTenant } from '../queries';
import { Section } from '../Section';
import { SlugForm } from './SlugForm';
import { TeamFacts, TeamForm } from './TeamForm';

/** What holds for the whole team: its name and address, clock, language, currency and colours. */
export function TeamPage() {
  const { t } = useTranslation();
  const { manage } = useRights();
  const { data: tenant, error, isPending, refetch } = useTenant();
  if (tenant === undefined) {
    return isPending ? (
      <div role="status" aria-label={t('common.loading')}>
        <Skeleton className="h-96 rounded-2xl" />
      </div>
    ) : (
      <ErrorNotice error={error} onRetry={() => void refetch()} />
    );
  }
  return (
    <>
      <Section id="team" title={t('settings.team')} note={t(manage ? 'settings.teamNote' : 'settings.adminsOnly')}>
        {manage ? <TeamForm tenant={tenant} /> : <TeamFacts tenant={tenant} />}
      </Section>
      <Section id="slug" title={t('auth.slug')} note={t('team.slugNote')}>
        <SlugForm tenant={tenant} />
      </Section>
    </>
  );
}
