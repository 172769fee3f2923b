import { useMutation } from '@tanstack/react-query';
import { MailCheck } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { openApi, unwrap } from '../api/client';
import { asProblem } from '../api/problem';
import { useFieldText } from '../api/useFieldText';
import { useProblemText } from '../api/useProblemText';
import { Button } from '../ui/Button';
import { Field, FieldError } from '../ui/Field';
import { useTitle } from '../ui/useTitle';
import { Done } from './Done';
import { Frame } from './Frame';
import { Lockout, useLockout } from './Lockout';

/** Asks for a mail with a link to a new password. The answer never tells whether there is such an account. */
export function ForgotPassword() {
  const { t } = useTranslation();
  const fieldText = useFieldText();
  const problemText = useProblemText();
  useTitle(t('door.forgot.title'));
  const state = useLocation().state as { email?: string } | null;
  const [email, setEmail] = useState(state?.email ?? '');
  const ask = useMutation({
    mutationFn: (address: string) => unwrap(openApi.POST('/api/v1/auth/password/forgot', { body: { email: address } })),
  });
  const problem = ask.error === null ? null : asProblem(ask.error);
  const { waiting, left } = useLockout(problem);
  const atField = fieldText(problem, 'email');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ask.isPending && !waiting) ask.mutate(email.trim());
  };

  if (ask.isSuccess) {
    return (
      <Frame title={t('door.forgot.sentTitle')} subtitle={t('door.forgot.sent', { email: ask.variables })}>
        <Done icon={<MailCheck />} text={t('door.forgot.sentHint')} to="/sign-in" action={t('door.backToSignIn')} />
      </Frame>
    );
  }
  return (
    <Frame title={t('door.forgot.title')} subtitle={t('door.forgot.subtitle')}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label={t('auth.email')}
          type="email"
          name="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => {
            setEmail(event.target.value);
            // What was refused, and the waiting, was about another address.
            if (ask.isError) ask.reset();
          }}
          error={atField}
        />
        {problem !== null && waiting && <Lockout problem={problem} left={left} />}
        {problem !== null && problem.status !== 429 && atField === null && <FieldError>{problemText(problem).advice}</FieldError>}
        <Button type="submit" look="primary" busy={ask.isPending} disabled={waiting} className="mt-1">
          {t('door.forgot.submit')}
        </Button>
        <Link to="/sign-in" className="self-center text-sm text-muted underline-offset-4 hover:text-ink hover:underline">
          {t('door.backToSignIn')}
        </Link>
      </form>
    </Frame>
  );
}
