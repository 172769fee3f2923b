import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../../api/problem';
import type { Tenant } from '../../api/types';
import { useFieldText } from '../../api/useFieldText';
import { useProblemText } from '../../api/useProblemText';
import { Lockout, useLockout } from '../../auth/Lockout';
import { PasswordField } from '../../auth/PasswordField';
import { useFormat } from '../../format/useFormat';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Field, FieldError } from '../../ui/Field';
import { toast } from '../../ui/toasts';
import { useDeleteTenant } from './queries';

/** Deletes the team: its address typed out and the password, so that nobody does it by mistake or at another's desk. */
export function DeleteDialog({ tenant, onClose }: { tenant: Tenant; onClose: () => void }) {
  const { t } = useTranslation();
  const fieldText = useFieldText();
  const problemText = useProblemText();
  const format = useFormat();
  const remove = useDeleteTenant();
  const [slug, setSlug] = useState('');
  const [password, setPassword] = useState('');
  const problem = remove.error === null ? null : asProblem(remove.error);
  const { waiting, left } = useLockout(problem);
  const atField = problem?.field('slug', 'password') ?? null;
  const ready = slug.trim() === tenant.slug && password !== '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready || remove.isPending || waiting) return;
    remove.mutate(
      { slug: slug.trim(), password },
      {
        onSuccess: ({ delete_at }) => {
          toast({ title: t('banner.deletion', { date: format.dateTime(delete_at) }) });
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
      title={t('data.delete.confirmTitle', { name: tenant.name })}
      description={t('data.delete.confirmBody')}
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label={t('data.delete.typeSlug', { slug: tenant.slug })}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus
          value={slug}
          onChange={(event) => setSlug(event.target.value)}
          error={fieldText(problem, 'slug')}
        />
        <PasswordField
          label={t('data.delete.password')}
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={fieldText(problem, 'password')}
        />
        {problem !== null && waiting && <Lockout problem={problem} left={left} />}
        {problem !== null && problem.status !== 429 && atField === null && <FieldError>{problemText(problem).advice}</FieldError>}
        <div className="mt-2 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" look="danger" busy={remove.isPending} disabled={!ready || waiting}>
            {t('data.delete.action')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
