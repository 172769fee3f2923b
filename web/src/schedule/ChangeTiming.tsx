import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../api/problem';
import type { Product, Tracking } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { useChangeTiming } from '../product/queries';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { FieldError } from '../ui/Field';
import { changed, timingOf } from './timing';
import { TimingField } from './TimingField';

/** A button with a dialog behind it: when a tracked product is looked at. */
export function ChangeTiming({ product, tracking }: { product: Product; tracking: Tracking }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t('timing.change')}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t('timing.title')} description={t('timing.description')} large>
        <Form product={product} tracking={tracking} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function Form({ product, tracking, onClose }: { product: Product; tracking: Tracking; onClose: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [timing, setTiming] = useState(() => timingOf(tracking));
  const change = useChangeTiming(product);
  const problem = change.error === null ? null : asProblem(change.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (change.isPending) return;
    change.mutate({ id: tracking.id, change: changed(timing) }, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TimingField
        value={timing}
        onChange={(next) => {
          setTiming(next);
          change.reset();
        }}
        problem={problem}
      />
      {problem !== null && problem.errors.length === 0 && <FieldError>{problemText(problem).advice}</FieldError>}
      <div className="mt-1 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="submit" look="primary" busy={change.isPending}>
          {t('timing.save')}
        </Button>
      </div>
    </form>
  );
}
