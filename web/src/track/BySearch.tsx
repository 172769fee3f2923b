import { Check, Plus, Search } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { asProblem } from '../api/problem';
import type { FoundProduct } from '../api/types';
import { useFormat } from '../format/useFormat';
import { lacksAccess } from '../monitors/kinds';
import { useKnownSources } from '../sources/queries';
import { Button, buttonClass } from '../ui/Button';
import { FieldError, inputClass } from '../ui/Field';
import { Picture } from '../ui/Picture';
import { Select } from '../ui/Select';
import { FoundPrice, FoundStock } from './Found';
import { LiveProblem } from './LiveProblem';
import { type LiveSearch, useLiveSearch, useTrack } from './queries';
import { useLiveProblem } from './useLiveProblem';
import { Waiting } from './Waiting';

/** Searches a source live; what is found is tracked by one click. */
export function BySearch({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const sources = useKnownSources().filter((source) => source.abilities.includes('search'));
  const [chosen, setChosen] = useState<string | null>(null);
  const [marketplace, setMarketplace] = useState<string | null>(null);
  const [words, setWords] = useState('');
  const [search, setSearch] = useState<LiveSearch | null>(null);
  const answer = useLiveSearch(search);

  // Offered first is what can be searched without an account and without paying.
  const free = sources.find((each) => !lacksAccess(each) && !each.abilities.includes('paid'));
  const source = sources.find((each) => each.name === chosen) ?? free ?? sources[0];
  const markets = source?.marketplaces ?? [];
  const region = marketplace !== null && markets.includes(marketplace) ? marketplace : (markets[0] ?? null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (source === undefined || words.trim() === '' || answer.isFetching) return;
    const next = { source: source.name, marketplace: region, q: words.trim() };
    if (JSON.stringify(next) === JSON.stringify(search)) void answer.refetch();
    else setSearch(next);
  };

  return (
    <div className="flex flex-col gap-4">
      <form onSubmit={submit} role="search" className="flex flex-wrap gap-2">
        <Select
          label={t('products.source')}
          className="grow basis-36"
          value={source?.name ?? ''}
          onChange={(event) => setChosen(event.target.value)}
          options={sources.map((each) => ({ value: each.name, label: each.label }))}
        />
        {markets.length > 1 && (
          <Select
            label={t('products.marketplace')}
            className="grow basis-36"
            value={region ?? ''}
            onChange={(event) => setMarketplace(event.target.value)}
            options={markets.map((code) => ({ value: code, label: `${format.region(code)} (${code})` }))}
          />
        )}
        <div className="flex grow basis-full gap-2">
          <input
            type="search"
            required
            autoFocus
            maxLength={200}
            aria-label={t('track.searchWords')}
            placeholder={t('track.searchWords')}
            value={words}
            onChange={(event) => setWords(event.target.value)}
            className={`${inputClass} [&::-webkit-search-cancel-button]:hidden`}
          />
          <Button type="submit" look="primary" busy={answer.isFetching} icon={<Search aria-hidden className="size-4" />}>
            {t('track.search')}
          </Button>
        </div>
      </form>
      {source !== undefined && lacksAccess(source) && (
        <p className="rounded-lg bg-warn-soft px-3 py-2 text-[0.8125rem] text-warn">
          {t('monitors.form.needsAccess', { source: source.label })}{' '}
          <Link to="/sources" onClick={onClose} className="font-medium underline underline-offset-4">
            {t('monitors.form.toSources')}
          </Link>
        </p>
      )}
      {source?.abilities.includes('paid') === true && <p className="text-[0.8125rem] text-muted">{t('track.paidSearch')}</p>}

      {answer.isFetching ? (
        <Waiting text={t('track.searching')} />
      ) : answer.isError ? (
        <LiveProblem error={answer.error} onRetry={() => void answer.refetch()} />
      ) : answer.data === undefined ? (
        <p className="rounded-xl border border-dashed border-line px-4 py-8 text-center text-sm text-muted">{t('track.searchHint')}</p>
      ) : answer.data.items.length === 0 ? (
        <p role="status" className="rounded-xl border border-dashed border-line px-4 py-8 text-center text-sm text-muted">
          {t('track.searchEmpty')}
        </p>
      ) : (
        <div>
          <p role="status" className="mb-2 text-[0.8125rem] text-muted">
            {answer.data.total == null
              ? t('track.hits', { count: answer.data.items.length })
              : t('track.hitsOf', { count: answer.data.items.length, total: format.number(answer.data.total) })}
          </p>
          <ul className="divide-y divide-line rounded-xl border border-line">
            {answer.data.items.map((product) => (
              <Hit key={`${product.marketplace} ${product.external_id}`} product={product} onClose={onClose} />
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

function Hit({ product, onClose }: { product: FoundProduct; onClose: () => void }) {
  const { t } = useTranslation();
  const liveProblem = useLiveProblem();
  const track = useTrack();
  const title = product.title ?? product.external_id;
  return (
    <li className="flex flex-wrap items-center gap-3 p-3">
      <Picture src={product.image_url ?? product.images[0]} alt="" className="size-14 shrink-0 rounded-lg p-1" />
      <div className="min-w-0 grow basis-40">
        <p className="line-clamp-2 text-sm leading-5 font-medium wrap-break-word">{title}</p>
        <div className="mt-1 flex flex-wrap items-center gap-x-2.5 gap-y-1 text-sm">
          <FoundPrice product={product} />
          <FoundStock product={product} />
        </div>
      </div>
      {track.data === undefined ? (
        <Button
          size="small"
          busy={track.isPending}
          aria-label={t('track.trackNamed', { title })}
          icon={<Plus aria-hidden className="size-3.5" />}
          onClick={() =>
            track.mutate({
              body: { source: product.source, marketplace: product.marketplace, external_id: product.external_id },
            })
          }
        >
          {t('track.one')}
        </Button>
      ) : (
        <Link to={`/products/${track.data.product_id}`} onClick={onClose} className={buttonClass('quiet', 'small', 'text-good')}>
          <Check aria-hidden className="size-3.5" />
          {t('track.done')}
        </Link>
      )}
      {track.isError && (
        <div className="w-full">
          <FieldError>{liveProblem(asProblem(track.error)).advice}</FieldError>
        </div>
      )}
    </li>
  );
}
