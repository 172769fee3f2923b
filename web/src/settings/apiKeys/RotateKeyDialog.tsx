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
import { type Asked, asked, useApiKeyChanges } from './queries';
import { ShownOnce } from './ShownOnce';

/** A new key in the place of an old one, which goes on working for as long as moving over takes. */
export function RotateKeyDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const format = useFormat();
  const { rotate } = useApiKeyChanges();
  const [overlap, setOverlap] = useState<number>(86_400);
  // What was asked for, until something is changed: see `CreateKeyDialog`.
  const [wanted, setWanted] = useState<Asked<{ overlap_seconds: number }> | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (rotate.isPending) return;
    const request = wanted ?? asked({ overlap_seconds: overlap });
    setWanted(request);
    rotate.mutate({ id: apiKey.id, ...request });
  };
  return (
    <Dialog
      open
      held={rotate.isPending || rotate.data !== undefined}
      onOpenChange={(open) => {
        if (!open && !rotate.isPending) onClose();
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
            disabled={rotate.isPending}
            onChange={(event) => {
              setOverlap(Number(event.target.value));
              setWanted(null);
              if (rotate.isError) rotate.reset();
            }}
            options={OVERLAPS.map((seconds) => ({
              value: String(seconds),
              label: seconds === 0 ? t('apiKeys.rotate.atOnce') : t('apiKeys.rotate.after', { time: format.interval(seconds) }),
            }))}
            hint={t('apiKeys.rotate.hint')}
          />
          {rotate.isError && <FieldError>{problemText(asProblem(rotate.error)).advice}</FieldError>}
          <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
            <Button onClick={onClose} disabled={rotate.isPending}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" look="primary" busy={rotate.isPending}>
              {t('apiKeys.rotate.action')}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
