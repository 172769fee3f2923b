import { CircleSlash } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../api/problem';
import { signOut } from '../auth/actions';
import { useProfileQuery } from '../auth/useProfile';
import { useTenant } from '../settings/queries';
import { Banner, bannerAction } from '../ui/Banner';

/** Says that the team may not be used, and why, as the server has it. */
export function SuspensionBanner() {
  const { t } = useTranslation();
  const profile = useProfileQuery();
  const tenant = useTenant();
  // Where even the profile is refused, nothing works; otherwise the team itself says how it stands.
  const refused = [profile.error, tenant.error].map((error) => (error === null ? null : asProblem(error))).find((problem) => problem?.status === 403);
  if (refused == null && tenant.data?.status !== 'suspended') return null;
  return (
    <Banner
      tone="bad"
      icon={<CircleSlash aria-hidden />}
      action={
        <button type="button" className={bannerAction} onClick={signOut}>
          {t('shell.signOut')}
        </button>
      }
    >
      <strong className="font-semibold">{t('banner.suspended')}</strong> {refused?.detail ?? t('banner.suspendedHint')}
    </Banner>
  );
}
