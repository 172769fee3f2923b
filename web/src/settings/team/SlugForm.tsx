import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../../api/problem';
import type { Tenant } from '../../api/types';
import { useFieldText } from '../../api/useFieldText';
import { useProblemText } from '../../api/useProblemText';
import { follow } from '../../auth/switch';
import { useRights } from '../../auth/useRights';
import { Button, buttonClass } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { toast } from '../../ui/toasts';
import { useChangeTenant } from '../queries';
import { slugOf } from './change';

/** The team's address, which only an owner can change. Where teams have hosts of their own, the page is at another one then. */
export function SlugForm({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation();
  const { own } = useRights();
  const fieldText = useFieldText();
  const problemText = useProblemText();
  const save = useChangeTenant();
  const [typed, setTyped] = useState(tenant.slug);
  const [asking, setAsking] = useState(false);
  const [elsewhere, setElsewhere] = useState<string | null>(null);
  const wanted = slugOf(typed);
  const changed = wanted !== '' && wanted !== tenant.slug;
  const problem = save.error === null ? null : asProblem(save.error);

  if (!own) {
    return (
      <p className="text-sm">
        <span className="font-medium break-all">{tenant.slug}</span>
        <span className="mt-1 block text-[0.8125rem] text-muted">{t('team.slugOwner')}</span>
      </p>
    );
  }
  if (elsewhere !== null) {
    return (
      <div role="status" className="flex max-w-xl flex-col items-start gap-4 text-sm">
        <p>{t('team.slugMoved')}</p>
        <a href={elsewhere} className={buttonClass('primary')}>
          {t('team.slugSignIn')}
        </a>
      </div>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (changed) setAsking(true);
  };
  const change = () => {
    const before = tenant.slug;
    save.mutate(
      { slug: wanted },
      {
        onSuccess: (saved) => {
          setTyped(saved.slug);
          toast({ title: t('settings.saved') });
          void follow(saved.slug, before).then(setElsewhere);
        },
        onSettled: () => setAsking(false),
      },
    );
  };
  return (
    <form onSubmit={submit} className="flex max-w-xl flex-col gap-4">
      <Field
        label={t('auth.slug')}
        name="slug"
        autoCapitalize="none"
        spellCheck={false}
        required
        maxLength={63}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          if (save.isError) save.reset();
        }}
        hint={t('auth.slugHint')}
        error={problem === null ? null : (fieldText(problem, 'slug') ?? problemText(problem).advice)}
      />
      <div>
        <Button type="submit" disabled={!changed} busy={save.isPending}>
          {t('team.slugSubmit')}
        </Button>
      </div>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('team.slugTitle', { slug: wanted })}
        description={t('team.slugBody', { slug: tenant.slug })}
        confirm={t('team.slugSubmit')}
        busy={save.isPending}
        onConfirm={change}
      />
    </form>
  );
}
