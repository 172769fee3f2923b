import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../../api/problem';
import { useFieldText } from '../../api/useFieldText';
import { useProblemText } from '../../api/useProblemText';
import { PasswordField } from '../../auth/PasswordField';
import { Button } from '../../ui/Button';
import { FieldError } from '../../ui/Field';
import { toast } from '../../ui/toasts';
import { EMPTY, passwordChange, passwordFault } from './change';
import { useChangeProfile } from './queries';

/** A new password. It ends every other session. */
export function PasswordForm({ email }: { email: string }) {
  const { t } = useTranslation();
  const fieldText = useFieldText();
  const problemText = useProblemText();
  const save = useChangeProfile();
  const [draft, setDraft] = useState(EMPTY);
  const [tried, setTried] = useState(false);
  const problem = save.error === null ? null : asProblem(save.error);
  const fault = tried ? passwordFault(draft) : null;
  const atField = problem?.field('new_password', 'current_password') ?? null;
  const edit = (part: Partial<typeof draft>) => {
    setDraft({ ...draft, ...part });
    if (save.isError) save.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (save.isPending || passwordFault(draft) !== null) return;
    save.mutate(passwordChange(draft), {
      onSuccess: () => {
        setDraft(EMPTY);
        setTried(false);
        toast({ title: t('profile.password.done'), body: t('profile.password.doneBody') });
      },
    });
  };
  return (
    <form onSubmit={submit} className="flex max-w-xl flex-col gap-5">
      {/* Password managers look for whose password it is. */}
      <input type="email" name="email" autoComplete="username" readOnly hidden value={email} />
      <PasswordField
        label={t('profile.current')}
        name="current-password"
        autoComplete="current-password"
        required
        value={draft.current}
        onChange={(event) => edit({ current: event.target.value })}
        error={fieldText(problem, 'current_password')}
      />
      <PasswordField
        label={t('door.reset.password')}
        name="new-password"
        autoComplete="new-password"
        required
        value={draft.next}
        onChange={(event) => edit({ next: event.target.value })}
        hint={t('auth.passwordHint')}
        error={fieldText(problem, 'new_password') ?? (fault === 'short' || fault === 'same' ? t(`profile.password.${fault}`) : null)}
      />
      <PasswordField
        label={t('profile.password.again')}
        name="new-password-again"
        autoComplete="new-password"
        required
        value={draft.again}
        onChange={(event) => edit({ again: event.target.value })}
        error={fault === 'differs' ? t('profile.password.differs') : null}
      />
      {problem !== null && atField === null && <FieldError>{problemText(problem).advice}</FieldError>}
      <div>
        <Button type="submit" look="primary" busy={save.isPending}>
          {t('profile.password.submit')}
        </Button>
      </div>
    </form>
  );
}
