import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../../api/problem';
import type { Role } from '../../api/types';
import { useFieldText } from '../../api/useFieldText';
import { useProblemText } from '../../api/useProblemText';
import { useProfile } from '../../auth/useProfile';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Field, FieldError } from '../../ui/Field';
import { SelectField } from '../../ui/SelectField';
import { toast } from '../../ui/toasts';
import { newKey, useInvitationChanges } from './queries';
import { givable } from './rules';

/** Invites somebody by mail. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const fieldText = useFieldText();
  const problemText = useProblemText();
  const { role: mine } = useProfile();
  const { invite } = useInvitationChanges();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('member');
  const [key, setKey] = useState(newKey);
  const problem = invite.error === null ? null : asProblem(invite.error);
  const atField = problem?.field('email', 'role') ?? null;
  const edit = () => {
    // Another invitation is another request.
    setKey(newKey());
    if (invite.isError) invite.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (invite.isPending) return;
    const address = email.trim();
    invite.mutate(
      { email: address, role, key },
      {
        onSuccess: () => {
          toast({ title: t('members.invite.sent', { email: address }) });
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t('members.invite.title')}
      description={t('members.invite.body')}
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label={t('auth.email')}
          type="email"
          name="invitee"
          autoComplete="off"
          required
          autoFocus
          value={email}
          onChange={(event) => {
            setEmail(event.target.value);
            edit();
          }}
          error={fieldText(problem, 'email')}
        />
        <SelectField
          label={t('members.role')}
          value={role}
          onChange={(event) => {
            setRole(givable(mine).find((each) => each === event.target.value) ?? 'member');
            edit();
          }}
          options={givable(mine).map((each) => ({ value: each, label: t(`role.${each}`) }))}
          hint={t(`roleHint.${role}`)}
          error={fieldText(problem, 'role')}
        />
        {problem !== null && atField === null && <FieldError>{problemText(problem).advice}</FieldError>}
        <div className="mt-2 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" look="primary" busy={invite.isPending}>
            {t('members.invite.submit')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
