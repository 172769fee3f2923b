import { useMutation } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { openApi, unwrap } from '../api/client';
import { asProblem } from '../api/problem';
import { useFieldText } from '../api/useFieldText';
import { useProblemText } from '../api/useProblemText';
import { Button } from '../ui/Button';
import { FieldError } from '../ui/Field';
import { useTitle } from '../ui/useTitle';
import { signOut } from './actions';
import { BadLink, isBadLink } from './BadLink';
import { Done } from './Done';
import { useFragment } from './fragment';
import { Frame } from './Frame';
import { Lockout, useLockout } from './Lockout';
import { PasswordField } from './PasswordField';
import { session } from './session';

/** Sets a new password by a link from a mail. */
export function ResetPassword() {
  const { t } = useTranslation();
  useTitle(t('door.reset.title'));
  const token = useFragment('token');
  // Another link may be opened in the same tab.
  return token === null ? <NoLink /> : <ResetForm key={token} token={token} />;
}

function NoLink() {
  const { t } = useTranslation();
  return <BadLink hint={t('door.reset.badLink')} to="/forgot-password" action={t('door.forgot.submit')} />;
}

function ResetForm({ token }: { token: string }) {
  const { t } = useTranslation();
  const fieldText = useFieldText();
  const problemText = useProblemText();
  const [password, setPassword] = useState('');
  const reset = useMutation({
    mutationFn: () => unwrap(openApi.POST('/api/v1/auth/password/reset', { body: { token, password } })),
    onSuccess: () => {
      // The server has ended the person's sessions; one of somebody else in this browser has no business to go on either.
      if (session.signedIn) signOut();
    },
  });
  const problem = reset.error === null ? null : asProblem(reset.error);
  const { waiting, left } = useLockout(problem);
  const atField = fieldText(problem, 'password');

  if (problem !== null && (isBadLink(problem.status) || problem.field('token') !== null)) return <NoLink />;
  if (reset.isSuccess) {
    return (
      <Frame title={t('door.reset.doneTitle')} subtitle={t('door.reset.done')}>
        <Done icon={<KeyRound />} text={t('door.reset.doneHint')} to="/sign-in" action={t('auth.signIn.submit')} />
      </Frame>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!reset.isPending && !waiting) reset.mutate();
  };
  return (
    <Frame title={t('door.reset.title')} subtitle={t('door.reset.subtitle')}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <PasswordField
          label={t('door.reset.password')}
          name="password"
          autoComplete="new-password"
          autoFocus
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          hint={t('auth.passwordHint')}
          error={atField}
        />
        {problem !== null && waiting && <Lockout problem={problem} left={left} />}
        {problem !== null && problem.status !== 429 && atField === null && <FieldError>{problemText(problem).advice}</FieldError>}
        <Button type="submit" look="primary" busy={reset.isPending} disabled={waiting} className="mt-1">
          {t('door.reset.submit')}
        </Button>
      </form>
    </Frame>
  );
}
