import { useMutation, useQueryClient } from '@tanstack/react-query';
import { MailWarning } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '../api/client';
import { keys } from '../api/keys';
import { asProblem } from '../api/problem';
import { useProblemText } from '../api/useProblemText';
import { useProfileQuery } from '../auth/useProfile';
import { Banner, bannerAction } from '../ui/Banner';
import { toast } from '../ui/toasts';

/** Sends the mail with the link again. */
export function useSendVerification() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/auth/email/verification')),
    onSuccess: () => toast({ title: t('banner.sent') }),
    onError: (error) => {
      const problem = asProblem(error);
      // It is confirmed already, in another tab or on another device.
      if (problem.status === 409) void client.invalidateQueries({ queryKey: keys.profile() });
      else toast({ title: t('banner.sendFailed'), body: problemText(problem).advice });
    },
  });
}

/** Asks for the address to be confirmed. */
export function UnverifiedBanner() {
  const { t } = useTranslation();
  const { data: profile } = useProfileQuery();
  const send = useSendVerification();
  // Only a clear no: an older server says nothing.
  if (profile?.email_verified !== false) return null;
  return (
    <Banner
      tone="note"
      icon={<MailWarning aria-hidden />}
      action={
        send.isSuccess ? (
          <span className="px-2">{t('banner.sent')}</span>
        ) : (
          <button type="button" className={bannerAction} disabled={send.isPending} onClick={() => send.mutate()}>
            {t('banner.sendAgain')}
          </button>
        )
      }
    >
      {t('banner.unverified', { email: profile.pending_email ?? profile.email })}
    </Banner>
  );
}
