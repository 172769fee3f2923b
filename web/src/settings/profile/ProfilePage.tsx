import { useTranslation } from 'react-i18next';
import { useProfileQuery } from '../../auth/useProfile';
import { ErrorNotice } from '../../ui/Notice';
import { Skeleton } from '../../ui/Skeleton';
import { Section } from '../Section';
import { AddressForm } from './AddressForm';
import { PasswordForm } from './PasswordForm';

/** What is the person's own, in whichever team: address and password. */
export function ProfilePage() {
  const { t } = useTranslation();
  const { data: profile, error, isPending, refetch } = useProfileQuery();
  if (profile === undefined && !isPending) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <Section id="address" title={t('profile.address.title')} note={t('profile.address.note')}>
        {profile === undefined ? <Skeleton className="h-24" /> : <AddressForm profile={profile} />}
      </Section>
      <Section id="password" title={t('profile.password.title')} note={t('profile.password.note')}>
        <PasswordForm email={profile?.email ?? ''} />
      </Section>
    </>
  );
}
