import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../../api/problem';
import { useProblemText } from '../../api/useProblemText';
import { useFormat } from '../../format/useFormat';
import { Button } from '../../ui/Button';
import { FieldError } from '../../ui/Field';
import { toast } from '../../ui/toasts';
import { useTenant } from '../queries';
import { Section } from '../Section';
import { DeleteDialog } from './DeleteDialog';
import { useRestore } from './queries';

/** Deleting the team, and taking that back for as long as it can be. */
export function DeleteSection() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const format = useFormat();
  const { data: tenant } = useTenant();
  const restore = useRestore();
  const [asking, setAsking] = useState(false);
  if (tenant === undefined) return null;
  const due = tenant.delete_at ?? null;
  return (
    <Section id="delete" danger title={t('data.delete.title')} note={t('data.delete.note')}>
      {due === null ? (
        <Button look="danger" onClick={() => setAsking(true)}>
          {t('data.delete.action')}
        </Button>
      ) : (
        <div className="flex flex-col items-start gap-3">
          <p className="text-sm">{t('banner.deletion', { date: format.dateTime(due) })}</p>
          {restore.isError && <FieldError>{problemText(asProblem(restore.error)).advice}</FieldError>}
          <Button
            look="primary"
            busy={restore.isPending}
            onClick={() => restore.mutate(undefined, { onSuccess: () => toast({ title: t('data.delete.restored') }) })}
          >
            {t('data.delete.restore')}
          </Button>
        </div>
      )}
      {asking && <DeleteDialog tenant={tenant} onClose={() => setAsking(false)} />}
    </Section>
  );
}
