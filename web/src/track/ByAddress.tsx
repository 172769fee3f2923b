import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { idempotencyKey } from '../api/client';
import { asProblem } from '../api/problem';
import type { NewTracking } from '../api/types';
import { useFormat } from '../format/useFormat';
import { readTarget } from '../products/catalogue';
import { asked, DEFAULT_TIMING } from '../schedule/timing';
import { TimingField } from '../schedule/TimingField';
import { useKnownSources } from '../sources/queries';
import { Button, buttonClass } from '../ui/Button';
import { Field, FieldError } from '../ui/Field';
import { Select } from '../ui/Select';
import { LiveProblem } from './LiveProblem';
import { PreviewPanel } from './PreviewPanel';
import { type LookAt, useLook, useTrack } from './queries';
import { useLiveProblem } from './useLiveProblem';
import { Waiting } from './Waiting';

/** Fields that the timing shows refusals of. */
const TIMING = /^(interval|schedule|adaptive)/;

/** A page's address or an id: looked at first, then tracked; or tracked right away. */
export function ByAddress({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const liveProblem = useLiveProblem();
  const navigate = useNavigate();
  const sources = useKnownSources().filter((source) => source.marketplaces.length > 0);
  const [text, setText] = useState('');
  const [chosenSource, setChosenSource] = useState<string | null>(null);
  const [marketplace, setMarketplace] = useState<string | null>(null);
  const [timing, setTiming] = useState(DEFAULT_TIMING);
  const [looking, setLooking] = useState<LookAt | null>(null);
  const [strategy, setStrategy] = useState<string | null>(null);
  // One key per content: pressing twice, or again after a lost answer, tracks once.
  const [key, setKey] = useState(idempotencyKey);
  const look = useLook(looking);
  const track = useTrack();

  const target = readTarget(text);
  const typed = text.trim() !== '';
  const wanted = chosenSource ?? (target.kind === 'id' ? target.source : null);
  const source = sources.find((each) => each.name === wanted) ?? sources[0];
  const markets = source?.marketplaces ?? [];
  const region = marketplace !== null && markets.includes(marketplace) ? marketplace : (markets[0] ?? '');
  const what: LookAt =
    target.kind === 'url' ? { url: target.url } : { source: source?.name ?? '', marketplace: region, external_id: target.id };

  const found = look.data ?? null;
  const tracked = found?.tracked ?? null;
  const lookProblem = look.error === null ? null : asProblem(look.error);
  const trackProblem = track.error === null ? null : asProblem(track.error);
  const refused = trackProblem ?? (lookProblem?.status === 422 ? lookProblem : null);
  const place = refused?.field('source', 'marketplace') ?? null;
  const atPlace = target.kind === 'id' ? place : null;
  const atTarget = refused?.field('url', 'external_id') ?? (target.kind === 'url' ? place : null);
  const atTiming = trackProblem?.errors.some(({ field }) => TIMING.test(field)) ?? false;
  // A choice of how to read counts only where the source reads in several ways.
  const several = (found?.candidates.length ?? 0) > 1;

  /** What was found belongs to what was typed: another address is another look. */
  const edited = () => {
    setKey(idempotencyKey());
    setLooking(null);
    setStrategy(null);
    track.reset();
  };
  const start = () => {
    const body: NewTracking = {
      ...what,
      ...asked(timing),
      ...(several && strategy !== null ? { strategy } : {}),
    };
    track.mutate(
      { body, key },
      {
        onSuccess: (tracking) => {
          onClose();
          void navigate(`/products/${tracking.product_id}`);
        },
      },
    );
  };
  const lookNow = () => {
    track.reset();
    if (looking === null) setLooking(what);
    else void look.refetch();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (track.isPending || look.isFetching) return;
    if (found === null) lookNow();
    else if (tracked === null) start();
  };

  return (
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
        hint={target.kind === 'id' && typed ? t('track.idHint') : t('track.urlHint')}
      />
      {target.kind === 'id' && typed && (
        <div className="grid grid-cols-2 gap-3">
          <Select
            label={t('products.source')}
            value={source?.name ?? ''}
            onChange={(event) => {
              setChosenSource(event.target.value);
              edited();
            }}
            options={sources.map((each) => ({ value: each.name, label: each.label }))}
          />
          <Select
            label={t('products.marketplace')}
            value={region}
            onChange={(event) => {
              setMarketplace(event.target.value);
              edited();
            }}
            options={markets.map((code) => ({ value: code, label: `${format.region(code)} (${code})` }))}
          />
          {atPlace !== null && (
            <div className="col-span-2">
              <FieldError>{atPlace}</FieldError>
            </div>
          )}
        </div>
      )}

      {look.isFetching ? (
        <Waiting text={t('track.looking')} />
      ) : found !== null ? (
        <PreviewPanel preview={found} picked={strategy} onPick={setStrategy} />
      ) : (
        lookProblem !== null && atTarget === null && atPlace === null && <LiveProblem error={lookProblem} onRetry={lookNow} />
      )}

      {tracked === null && (
        <TimingField
          value={timing}
          onChange={(next) => {
            setTiming(next);
            setKey(idempotencyKey());
            track.reset();
          }}
          problem={trackProblem}
        />
      )}
      {trackProblem !== null && atTarget === null && atPlace === null && !atTiming && (
        <FieldError>{liveProblem(trackProblem).advice}</FieldError>
      )}

      <div className="mt-1 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        {tracked !== null ? (
          <Link to={`/products/${tracked.product_id}`} onClick={onClose} className={buttonClass('primary')}>
            {t('track.openTracked')}
          </Link>
        ) : found !== null ? (
          <Button type="submit" look="primary" busy={track.isPending}>
            {t('track.submit')}
          </Button>
        ) : (
          <>
            <Button busy={track.isPending} disabled={!typed} onClick={start}>
              {t('track.withoutLook')}
            </Button>
            <Button type="submit" look="primary" disabled={track.isPending} busy={look.isFetching}>
              {t('track.look')}
            </Button>
          </>
        )}
      </div>
    </form>
  );
}
