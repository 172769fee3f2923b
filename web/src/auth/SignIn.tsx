import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { openApi, unwrap } from '../api/client';
import { asProblem } from '../api/problem';
import { useProblemText } from '../api/useProblemText';
import { Button } from '../ui/Button';
import { Field, FieldError } from '../ui/Field';
import { useTitle } from '../ui/useTitle';
import { enter } from './actions';
import { Frame } from './Frame';
import { Lockout, useLockout } from './Lockout';
import { PasswordField } from './PasswordField';
import { slugIn } from './place';
import { useFarewell } from './useSession';

export function SignIn() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  useTitle(t('auth.signIn.title'));
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  // Where the host names a team, that is the likely one.
  const [slug, setSlug] = useState(() => slugIn(window.location.hostname));
  const [askSlug, setAskSlug] = useState(false);

  const signIn = useMutation({
    mutationFn: () =>
      enter(() =>
        unwrap(
          openApi.POST('/api/v1/auth/login', {
            body: { email: email.trim(), password, ...(askSlug && slug.trim() !== '' ? { slug: slug.trim() } : {}) },
          }),
        ),
      ),
    onError: (error) => {
      // One e-mail address may belong to several teams; the server then asks which.
      const problem = asProblem(error);
      if (problem.status === 409 || problem.field('slug') !== null) setAskSlug(true);
    },
  });

  const problem = signIn.error === null ? null : asProblem(signIn.error);
  const { waiting, left } = useLockout(problem);
  const farewell = useFarewell();
  const atField = problem !== null && ['email', 'password', 'slug'].some((name) => problem.field(name) !== null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!signIn.isPending && !waiting) signIn.mutate();
  };

  return (
    <Frame
      title={t('auth.signIn.title')}
      subtitle={
        <>
          {t('auth.signIn.newHere')}{' '}
          <Link to="/register" className="font-medium text-accent underline-offset-4 hover:underline">
            {t('auth.signIn.register')}
          </Link>
        </>
      }
    >
      {farewell !== null && signIn.isIdle && (
        <p role="status" className="mb-5 rounded-lg bg-warn-soft px-3 py-2.5 text-[0.8125rem] text-warn">
          {farewell.detail ?? t('door.farewell')}
        </p>
      )}
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label={t('auth.email')}
          type="email"
          name="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          error={problem?.field('email')}
        />
        <PasswordField
          label={t('auth.password')}
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={problem?.field('password')}
        />
        <Link
          to="/forgot-password"
          state={{ email: email.trim() }}
          className="-mt-2 self-end text-[0.8125rem] text-muted underline-offset-4 hover:text-ink hover:underline"
        >
          {t('door.forgot.link')}
        </Link>
        {askSlug ? (
          <Field
            label={t('auth.slug')}
            name="slug"
            autoCapitalize="none"
            spellCheck={false}
            value={slug}
            onChange={(event) => setSlug(event.target.value)}
            hint={t('auth.slugHint')}
            error={problem?.field('slug')}
          />
        ) : (
          <button
            type="button"
            onClick={() => setAskSlug(true)}
            className="self-start text-[0.8125rem] text-muted underline-offset-4 hover:text-ink hover:underline"
          >
            {t('auth.signIn.severalTeams')}
          </button>
        )}
        {problem !== null && waiting && <Lockout problem={problem} left={left} />}
        {problem !== null && problem.status !== 429 && !atField && (
          <FieldError>
            {problem.status === 401 ? t('auth.signIn.wrong') : problemText(problem).advice}
          </FieldError>
        )}
        <Button type="submit" look="primary" busy={signIn.isPending} disabled={waiting} className="mt-1">
          {t('auth.signIn.submit')}
        </Button>
      </form>
    </Frame>
  );
}
