import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../../api/problem';
import { useFieldText } from '../../api/useFieldText';
import { useProblemText } from '../../api/useProblemText';
import { PasswordField } from '../../auth/PasswordField';
import { useSendVerification } from '../../banners/UnverifiedBanner';
import { Button } from '../../ui/Button';
import { FieldError } from '../../ui/Field';
import { toast } from '../../ui/toasts';
import { withdrawal } from './change';
import { useChangeProfile } from './queries';

/** An address that waits to be confirmed: its mail once more, or the old address after all. */
export function PendingAddress({ email, pending }: { email: string; pending: string }) {
  const { t } = useTranslation();
  const fieldText = useFieldText();
  const problemText = useProblemText();
  const send = useSendVerification();
  const save = useChangeProfile();
  const [asking, setAsking] = useState(false);
  const [password, setPassword] = useState('');
  const problem = save.error === null ? null : asProblem(save.error);
  const atField = fieldText(problem, 'current_password');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (save.isPending) return;
    save.mutate(withdrawal(email, password), { onSuccess: () => toast({ title: t('profile.address.withdrawn') }) });
  };
  return (
    <div className="mb-5 max-w-xl rounded-lg bg-cool-soft px-3 py-2.5 text-[0.8125rem] text-cool">
      <p role="status" className="wrap-break-word">
        {t('profile.address.pending', { email: pending })}
      </p>
      <div className="mt-2.5 flex flex-wrap gap-2">
        <Button size="small" busy={send.isPending} onClick={() => send.mutate()}>
          {t('banner.sendAgain')}
        </Button>
        <Button size="small" aria-expanded={asking} onClick={() => setAsking(!asking)}>
          {t('profile.address.withdraw')}
        </Button>
      </div>
      {asking && (
        <form onSubmit={submit} className="mt-3 flex flex-col items-start gap-3 text-ink">
          <PasswordField
            label={t('profile.current')}
            name="password"
            autoComplete="current-password"
            autoFocus
            required
            className="w-full"
            value={password}
            onChange={(event) => {
              setPassword(event.target.value);
              if (save.isError) save.reset();
            }}
            hint={t('profile.address.withdrawHint', { email })}
            error={atField}
          />
          {problem !== null && atField === null && <FieldError>{problemText(problem).advice}</FieldError>}
          <Button type="submit" size="small" busy={save.isPending} disabled={password === ''}>
            {t('profile.address.withdrawSubmit')}
          </Button>
        </form>
      )}
    </div>
  );
}
