import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../../api/problem';
import type { ApiKey } from '../../api/types';
import { useProblemText } from '../../api/useProblemText';
import { useFormat } from '../../format/useFormat';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { FieldError } from '../../ui/Field';
import { SelectField } from '../../ui/SelectField';
import { OVERLAPS } from './draft';
import { useApiKeyChanges } from './queries';
import { ShownOnce } from './ShownOnce';

/** A new key in the place of an old one, which goes on working for as long as moving over takes. */
export function RotateKeyDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const format = useFormat();
  const { rotate } = useApiKeyChanges();
  const [overlap, setOverlap] = useState<number>(86_400);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!rotate.isPending) rotate.mutate({ id: apiKey.id, overlap });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t(rotate.data === undefined ? 'apiKeys.rotate.title' : 'apiKeys.create.done', { name: apiKey.name })}
      description={t(rotate.data === undefined ? 'apiKeys.rotate.body' : 'apiKeys.create.doneBody')}
    >
      {rotate.data !== undefined ? (
        <ShownOnce created={rotate.data} onClose={onClose} />
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-5">
          <SelectField
            label={t('apiKeys.rotate.overlap')}
            value={String(overlap)}
            onChange={(event) => setOverlap(Number(event.target.value))}
            options={OVERLAPS.map((seconds) => ({
              value: String(seconds),
              label: seconds === 0 ? t('apiKeys.rotate.atOnce') : t('apiKeys.rotate.after', { time: format.interval(seconds) }),
            }))}
            hint={t('apiKeys.rotate.hint')}
          />
          {rotate.isError && <FieldError>{problemText(asProblem(rotate.error)).advice}</FieldError>}
          <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" look="primary" busy={rotate.isPending}>
              {t('apiKeys.rotate.action')}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
