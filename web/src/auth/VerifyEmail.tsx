import { MailCheck } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { openApi, unwrap } from '../api/client';
import { keys } from '../api/keys';
import { asProblem } from '../api/problem';
import { queryClient } from '../api/query';
import { ErrorNotice } from '../ui/Notice';
import { Skeleton } from '../ui/Skeleton';
import { useTitle } from '../ui/useTitle';
import { BadLink, isBadLink } from './BadLink';
import { Done } from './Done';
import { useFragment } from './fragment';
import { Frame } from './Frame';
import { useOnce } from './once';
import { useSessionId } from './useSession';

/** Confirms an e-mail address by a link from a mail. */
export function VerifyEmail() {
  const { t } = useTranslation();
  useTitle(t('door.verify.title'));
  const token = useFragment('token');
  const signedIn = useSessionId() !== null;
  const { error, isSuccess, refetch } = useOnce('verify', token, (secret) =>
    unwrap(openApi.POST('/api/v1/auth/email/verify', { body: { token: secret } })),
  );
  useEffect(() => {
    if (isSuccess) void queryClient.invalidateQueries({ queryKey: keys.profile() });
  }, [isSuccess]);
  const onward = { to: signedIn ? '/' : '/sign-in', action: t(signedIn ? 'door.toProducts' : 'auth.signIn.submit') };
  const problem = error === null ? null : asProblem(error);

  if (token === null || (problem !== null && (isBadLink(problem.status) || problem.status === 422))) {
    return <BadLink hint={t('door.verify.badLink')} {...onward} />;
  }
  return (
    <Frame title={t(isSuccess ? 'door.verify.doneTitle' : 'door.verify.title')} subtitle={t('door.verify.subtitle')}>
      {isSuccess ? (
        <Done icon={<MailCheck />} text={t('door.verify.done')} {...onward} />
      ) : problem !== null ? (
        <ErrorNotice error={problem} onRetry={() => void refetch()} />
      ) : (
        <div role="status" aria-label={t('common.loading')}>
          <Skeleton className="h-24 rounded-xl" />
        </div>
      )}
    </Frame>
  );
}
