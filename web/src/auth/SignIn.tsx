import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { openApi, unwrap } from '../api/client';
import { asProblem } from '../api/problem';
import { useFieldText } from '../api/useFieldText';
import { Button } from '../ui/Button';
import { Field, FieldError } from '../ui/Field';
import { useTitle } from '../ui/useTitle';
import { enter } from './actions';
import { knownBase, registerAddress } from './base';
import { FarewellNote } from './FarewellNote';
import { Frame } from './Frame';
import { Lockout, useLockout } from './Lockout';
import { PasswordField } from './PasswordField';
import { slugIn } from './place';
import { Refusal } from './Refusal';

export function SignIn() {
  const { t } = useTranslation();
  const fieldText = useFieldText();
  useTitle(t('auth.signIn.title'));
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [slug, setSlug] = useState('');
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
  // A team's own host names it already. Should this be none, the server asks.
  const named = slugIn(window.location.hostname) !== '';
  const base = knownBase();
  const atField = problem !== null && ['email', 'password', 'slug'].some((name) => problem.field(name) !== null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!signIn.isPending && !waiting) signIn.mutate();
  };

  return (
    <Frame
      title={t('auth.signIn.title')}
      signsIn
      subtitle={
        <>
          {t('auth.signIn.newHere')}{' '}
          <Link to={base === null ? '/register' : registerAddress(base)} className="font-medium text-accent underline-offset-4 hover:underline">
            {t('auth.signIn.register')}
          </Link>
        </>
      }
    >
      {signIn.isIdle && <FarewellNote />}
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
            if (signIn.isError) signIn.reset();
          }}
          error={fieldText(problem, 'email')}
        />
        <PasswordField
          label={t('auth.password')}
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={fieldText(problem, 'password')}
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
            error={fieldText(problem, 'slug')}
          />
        ) : named ? null : (
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
            {problem.status === 401 ? t('auth.signIn.wrong') : <Refusal problem={problem} />}
          </FieldError>
        )}
        <Button type="submit" look="primary" busy={signIn.isPending} disabled={waiting} className="mt-1">
          {t('auth.signIn.submit')}
        </Button>
      </form>
    </Frame>
  );
}
