import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { openApi, unwrap } from '../api/client';
import { asProblem } from '../api/problem';
import type { InvitationLook } from '../api/types';
import { useFieldText } from '../api/useFieldText';
import { Button } from '../ui/Button';
import { Field, FieldError } from '../ui/Field';
import { ErrorNotice } from '../ui/Notice';
import { Skeleton } from '../ui/Skeleton';
import { useTitle } from '../ui/useTitle';
import { enter } from './actions';
import { BadLink, isBadLink } from './BadLink';
import { useFragment } from './fragment';
import { Frame } from './Frame';
import { Lockout, useLockout } from './Lockout';
import { useOnce } from './once';
import { PasswordField } from './PasswordField';
import { Refusal } from './Refusal';

/** An invitation to a team: what it is, and joining with a new or with the known password. */
export function Invitation() {
  const { t } = useTranslation();
  useTitle(t('door.invitation.title'));
  const token = useFragment('token');
  const { data, error, refetch } = useOnce('invitation', token, (secret) =>
    unwrap(openApi.POST('/api/v1/auth/invitations/look', { body: { token: secret } })),
  );
  const problem = error === null ? null : asProblem(error);
  if (token === null || (problem !== null && (isBadLink(problem.status) || problem.status === 422))) {
    return <BadLink hint={t('door.invitation.badLink')} to="/sign-in" action={t('auth.signIn.submit')} />;
  }
  if (data !== undefined) return <Join key={token} token={token} invitation={data.result} />;
  return (
    <Frame title={t('door.invitation.title')} subtitle={t('common.loading')}>
      {problem !== null ? (
        <ErrorNotice error={problem} onRetry={() => void refetch()} />
      ) : (
        <div role="status" aria-label={t('common.loading')}>
          <Skeleton className="h-40 rounded-xl" />
        </div>
      )}
    </Frame>
  );
}

function Join({ token, invitation }: { token: string; invitation: InvitationLook }) {
  const { t } = useTranslation();
  const fieldText = useFieldText();
  const navigate = useNavigate();
  const [password, setPassword] = useState('');
  const known = invitation.account_exists;
  const accept = useMutation({
    mutationFn: () => enter(() => unwrap(openApi.POST('/api/v1/auth/invitations/accept', { body: { token, password } }))),
    onSuccess: () => navigate('/', { replace: true }),
  });
  const problem = accept.error === null ? null : asProblem(accept.error);
  const { waiting, left } = useLockout(problem);
  const atField = fieldText(problem, 'password');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!accept.isPending && !waiting) accept.mutate();
  };
  return (
    <Frame
      title={t('door.invitation.join', { tenant: invitation.tenant })}
      subtitle={t('door.invitation.as', { role: t(`role.${invitation.role}`) })}
      signsIn
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        {/* Password managers file the password under it. */}
        <Field label={t('auth.email')} type="email" name="email" autoComplete="username" readOnly value={invitation.email} />
        <PasswordField
          label={t(known ? 'auth.password' : 'door.reset.password')}
          name="password"
          autoComplete={known ? 'current-password' : 'new-password'}
          autoFocus
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          hint={t(known ? 'door.invitation.knownHint' : 'auth.passwordHint')}
          error={atField}
        />
        {problem !== null && waiting && <Lockout problem={problem} left={left} />}
        {problem !== null && problem.status !== 429 && atField === null && (
          <FieldError>{problem.status === 401 ? t('door.invitation.wrong') : <Refusal problem={problem} />}</FieldError>
        )}
        <Button type="submit" look="primary" busy={accept.isPending} disabled={waiting} className="mt-1">
          {t('door.invitation.submit')}
        </Button>
      </form>
    </Frame>
  );
}
