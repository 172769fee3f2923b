import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { openApi, unwrap } from '../api/client';
import { asProblem } from '../api/problem';
import { ErrorNotice } from '../ui/Notice';
import { Skeleton } from '../ui/Skeleton';
import { useTitle } from '../ui/useTitle';
import { enter } from './actions';
import { BadLink } from './BadLink';
import { useFragment } from './fragment';
import { Frame } from './Frame';
import { useOnce } from './once';
import { Refusal } from './Refusal';

/** Takes over somebody who was signed in at another team's address. */
export function Handoff() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  useTitle(t('door.handoff.title'));
  const code = useFragment('code');
  // Without cookies the code would be used up for nothing.
  const { error, isSuccess, refetch } = useOnce('handoff', window.isSecureContext ? code : null, (secret) =>
    enter(() => unwrap(openApi.POST('/api/v1/auth/handoff', { body: { code: secret } }))),
  );
  useEffect(() => {
    if (isSuccess) void navigate('/', { replace: true });
  }, [isSuccess, navigate]);
  const problem = error === null ? null : asProblem(error);
  const unreachable = problem !== null && (problem.status === 0 || problem.status >= 500);

  if (code === null || (problem !== null && !unreachable)) {
    const refused = problem !== null && (problem.tenantStatus !== null || problem.kind === 'cross_site');
    const hint = refused ? <Refusal problem={problem} /> : t('door.handoff.badLink');
    return <BadLink hint={hint} to="/sign-in" action={t('auth.signIn.submit')} />;
  }
  return (
    <Frame title={t('door.handoff.title')} subtitle={t('door.handoff.subtitle')} signsIn>
      {problem !== null ? (
        <ErrorNotice error={problem} onRetry={() => void refetch()} />
      ) : (
        <div role="status" aria-label={t('common.loading')}>
          <Skeleton className="h-24 rounded-xl" />
        </div>
      )}
    </Frame>
  );
}
