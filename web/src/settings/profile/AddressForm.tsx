import { MailCheck, MailWarning } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../../api/problem';
import type { Profile } from '../../api/types';
import { useFieldText } from '../../api/useFieldText';
import { useProblemText } from '../../api/useProblemText';
import { PasswordField } from '../../auth/PasswordField';
import { useSendVerification } from '../../banners/UnverifiedBanner';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Field, FieldError } from '../../ui/Field';
import { toast } from '../../ui/toasts';
import { addressChange } from './change';
import { PendingAddress } from './PendingAddress';
import { useChangeProfile } from './queries';

/** The address, whether it is confirmed, and another one. The old one holds until the new one is confirmed. */
export function AddressForm({ profile }: { profile: Profile }) {
  const { t } = useTranslation();
  const fieldText = useFieldText();
  const problemText = useProblemText();
  const save = useChangeProfile();
  const send = useSendVerification();
  const [email, setEmail] = useState(profile.email);
  const [password, setPassword] = useState('');
  const problem = save.error === null ? null : asProblem(save.error);
  const change = addressChange(profile.email, email, password);
  const pending = profile.pending_email ?? null;
  const atField = problem?.field('email', 'current_password') ?? null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (change === null || save.isPending) return;
    save.mutate(change, {
      onSuccess: (saved) => {
        setEmail(saved.email);
        setPassword('');
        toast({ title: t(saved.pending_email == null ? 'settings.saved' : 'profile.address.sent') });
      },
    });
  };
  return (
    <>
      {pending !== null && <PendingAddress email={profile.email} pending={pending} />}
      <form onSubmit={submit} className="flex max-w-xl flex-col gap-5">
        <Field
          label={t('auth.email')}
          type="email"
          name="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => {
            setEmail(event.target.value);
            if (save.isError) save.reset();
          }}
          error={fieldText(problem, 'email')}
        />
        <div className="-mt-3 flex flex-wrap items-center gap-2">
          {profile.email_verified ? (
            <Badge tone="good">
              <MailCheck aria-hidden className="size-3.5" />
              {t('profile.address.verified')}
            </Badge>
          ) : (
            <>
              <Badge tone="warn">
                <MailWarning aria-hidden className="size-3.5" />
                {t('profile.address.unverified')}
              </Badge>
              {/* While another one waits, the mail goes there. */}
              {pending === null && (
                <Button size="small" look="quiet" busy={send.isPending} onClick={() => send.mutate()}>
                  {t('banner.sendAgain')}
                </Button>
              )}
            </>
          )}
        </div>
        {change !== null && (
          <PasswordField
            label={t('profile.current')}
            name="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => {
              setPassword(event.target.value);
              if (save.isError) save.reset();
            }}
            hint={t('profile.address.why')}
            error={fieldText(problem, 'current_password')}
          />
        )}
        {problem !== null && atField === null && <FieldError>{problemText(problem).advice}</FieldError>}
        <div>
          <Button type="submit" look="primary" busy={save.isPending} disabled={change === null}>
            {t('profile.address.submit')}
          </Button>
        </div>
      </form>
    </>
  );
}
