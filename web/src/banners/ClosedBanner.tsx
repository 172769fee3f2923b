import { CircleSlash } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../api/problem';
import { useProblemText } from '../api/useProblemText';
import { signOut } from '../auth/actions';
import { useProfileQuery } from '../auth/useProfile';
import { useTenant } from '../settings/queries';
import { Banner, bannerAction } from '../ui/Banner';

/** Says that the team may not be used, and why, as the server has it. Its owner sees more of one that is to be deleted. */
export function ClosedBanner() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const profile = useProfileQuery();
  const tenant = useTenant();
  const problem = [profile.error, tenant.error]
    .map((error) => (error === null ? null : asProblem(error)))
    .find((each) => each !== null && each.tenantStatus !== null);
  if (problem == null && tenant.data?.status !== 'suspended') return null;
  const { title, advice } = problem == null ? { title: t('banner.suspended'), advice: t('banner.suspendedHint') } : problemText(problem);
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
      <strong className="font-semibold">{title}</strong> {advice}
    </Banner>
  );
}
