import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { openApi, unwrap } from '../api/client';
import { asProblem } from '../api/problem';
import { useFieldText } from '../api/useFieldText';
import { useProblemText } from '../api/useProblemText';
import { ownZone } from '../schedule/timing';
import { Button } from '../ui/Button';
import { Field, FieldError } from '../ui/Field';
import { useTitle } from '../ui/useTitle';
import { enter } from './actions';
import { knownBase } from './base';
import { Frame } from './Frame';
import { Lockout, useLockout } from './Lockout';
import { PasswordField } from './PasswordField';
import { baseBehind } from './place';
import { RegisterElsewhere } from './RegisterElsewhere';
import { slugFrom } from './slug';

const FIELDS = ['tenant', 'slug', 'email', 'password'] as const;

export function Register() {
  const { t, i18n } = useTranslation();
  const fieldText = useFieldText();
  const problemText = useProblemText();
  useTitle(t('auth.register.title'));
  const [tenant, setTenant] = useState('');
  // Follows the name until the person writes one.
  const [ownSlug, setOwnSlug] = useState<string | null>(null);
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const slug = ownSlug ?? slugFrom(tenant);
  const zone = ownZone();

  const register = useMutation({
    mutationFn: () =>
      enter(() =>
        unwrap(
          openApi.POST('/api/v1/auth/register', {
            body: {
              tenant: tenant.trim(),
              slug: slug.trim(),
              email: email.trim(),
              password,
              locale: i18n.language,
              ...(zone === null ? {} : { time_zone: zone }),
            },
          }),
        ),
      ),
  });
  const problem = register.error === null ? null : asProblem(register.error);
  const { waiting, left } = useLockout(problem);
  const atField = problem !== null && FIELDS.some((name) => problem.field(name) !== null);
  // Refused for no other reason: this is a team's own host.
  const refused = problem?.status === 403 && problem.tenantStatus === null && problem.kind !== 'cross_site';
  const base = knownBase() ?? (refused ? baseBehind(window.location.host) : null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!register.isPending && !waiting) register.mutate();
  };

  return (
    <Frame
      title={t('auth.register.title')}
      signsIn
      subtitle={
        <>
          {t('auth.register.haveAccount')}{' '}
          <Link to="/sign-in" className="font-medium text-accent underline-offset-4 hover:underline">
            {t('auth.signIn.submit')}
          </Link>
        </>
      }
    >
      {base !== null ? (
        <RegisterElsewhere base={base} />
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-4">
          <Field
            label={t('auth.tenant')}
            name="organization"
            autoComplete="organization"
            required
            value={tenant}
            onChange={(event) => setTenant(event.target.value)}
            error={fieldText(problem, 'tenant')}
          />
          <Field
            label={t('auth.slug')}
            name="slug"
            autoCapitalize="none"
            spellCheck={false}
            required
            value={slug}
            onChange={(event) => setOwnSlug(event.target.value)}
            hint={t('auth.slugHint')}
            error={fieldText(problem, 'slug')}
          />
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
              if (register.isError) register.reset();
            }}
            error={fieldText(problem, 'email')}
          />
          <PasswordField
            label={t('auth.password')}
            name="password"
            autoComplete="new-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            hint={t('auth.passwordHint')}
            error={fieldText(problem, 'password')}
          />
          {problem !== null && waiting && <Lockout problem={problem} left={left} />}
          {problem !== null && problem.status !== 429 && !atField && <FieldError>{problemText(problem).advice}</FieldError>}
          <Button type="submit" look="primary" busy={register.isPending} disabled={waiting} className="mt-1">
            {t('auth.register.submit')}
          </Button>
        </form>
      )}
    </Frame>
  );
}
