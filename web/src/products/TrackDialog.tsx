import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, idempotencyKey, unwrap } from '../api/client';
import { keys } from '../api/keys';
import { asProblem } from '../api/problem';
import type { NewTracking } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { useFormat } from '../format/useFormat';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Field, FieldError } from '../ui/Field';
import { Select } from '../ui/Select';
import { INTERVALS, isTrackable, readTarget, sourceName, TRACKABLE, type TrackableSource } from './catalogue';

/** Asks which product to track, by address or id, and how often; then shows it. */
export default function TrackDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [chosenSource, setChosenSource] = useState<TrackableSource | null>(null);
  const [marketplace, setMarketplace] = useState('US');
  const [interval, setInterval] = useState<number | null>(null);
  // One key per dialog and content: pressing twice, or again after a lost answer, tracks once.
  const [key, setKey] = useState(idempotencyKey);

  const target = readTarget(text);
  const source = chosenSource ?? (target.kind === 'id' ? target.source : null) ?? 'amazon';
  const marketplaces: readonly string[] = TRACKABLE[source];
  const region = marketplaces.includes(marketplace) ? marketplace : 'US';

  const create = useMutation({
    mutationFn: () => {
      const what =
        target.kind === 'url' ? { url: target.url } : { source, marketplace: region, external_id: target.id };
      const body: NewTracking = interval === null ? what : { ...what, interval_seconds: interval };
      return unwrap(api.POST('/api/v1/trackings', { body, headers: { 'Idempotency-Key': key } }));
    },
    onSuccess: (tracking) => {
      void client.invalidateQueries({ queryKey: keys.products() });
      onClose();
      void navigate(`/products/${tracking.product_id}`);
    },
  });

  const edited = () => {
    setKey(idempotencyKey());
    if (create.isError) create.reset();
  };

  const problem = create.error === null ? null : asProblem(create.error);
  const place = problem?.field('source', 'marketplace') ?? null;
  const atPlace = target.kind === 'id' ? place : null;
  const atTarget = problem?.field('url', 'external_id') ?? (target.kind === 'url' ? place : null);
  const atInterval = problem?.field('interval_seconds', 'interval') ?? null;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!create.isPending) create.mutate();
  };

  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('track.title')} description={t('track.description')}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label={t('track.target')}
          required
          autoFocus
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          placeholder={t('track.placeholder')}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            edited();
          }}
          error={atTarget}
          hint={target.kind === 'id' && text.trim() !== '' ? t('track.idHint') : t('track.urlHint')}
        />
        {target.kind === 'id' && text.trim() !== '' && (
          <div className="grid grid-cols-2 gap-3">
            <Select
              label={t('products.source')}
              value={source}
              onChange={(event) => {
                if (isTrackable(event.target.value)) setChosenSource(event.target.value);
                edited();
              }}
              options={Object.keys(TRACKABLE).map((value) => ({ value, label: sourceName(value) }))}
            />
            <Select
              label={t('products.marketplace')}
              value={region}
              onChange={(event) => {
                setMarketplace(event.target.value);
                edited();
              }}
              options={marketplaces.map((code) => ({ value: code, label: `${format.region(code)} (${code})` }))}
            />
            {atPlace !== null && (
              <div className="col-span-2">
                <FieldError>{atPlace}</FieldError>
              </div>
            )}
          </div>
        )}
        <div className="flex flex-col gap-1.5">
          <span className="text-sm font-medium">{t('track.interval')}</span>
          <Select
            label={t('track.interval')}
            value={interval === null ? '' : String(interval)}
            onChange={(event) => {
              setInterval(event.target.value === '' ? null : Number(event.target.value));
              edited();
            }}
            options={[
              { value: '', label: t('track.recommended') },
              ...INTERVALS.map((seconds) => ({
                value: String(seconds),
                label: t('track.every', { interval: format.interval(seconds) }),
              })),
            ]}
          />
          {atInterval !== null && <FieldError>{atInterval}</FieldError>}
        </div>
        {problem !== null && atTarget === null && atPlace === null && atInterval === null && (
          <FieldError>{problemText(problem).advice}</FieldError>
        )}
        <div className="mt-2 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" look="primary" busy={create.isPending}>
            {t('track.submit')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
