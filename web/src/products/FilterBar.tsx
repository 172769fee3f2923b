import { Search, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../ui/Button';
import { inputClass } from '../ui/Field';
import { Select } from '../ui/Select';
import { useKnownSources } from '../sources/queries';
import { isSort, SORTS } from './catalogue';
import type { Filters, StockFilter } from './filters';

/** Typing pauses this long before the list is asked for, in milliseconds. */
const PAUSE = 250;

const SORT_LABELS = {
  '-last_changed_at': 'products.sort.changed',
  title: 'products.sort.title',
  price: 'products.sort.cheapest',
  '-price': 'products.sort.dearest',
  rank: 'products.sort.rank',
} as const;

export function FilterBar({ filters, onChange }: { filters: Filters; onChange: (change: Partial<Filters>) => void }) {
  const { t } = useTranslation();
  const sources = useKnownSources();
  return (
    <search className="mb-6 flex flex-wrap gap-2">
      <SearchBox value={filters.q} onChange={(q) => onChange({ q })} />
      <Select
        label={t('products.source')}
        className="grow sm:grow-0"
        value={filters.source}
        onChange={(event) => onChange({ source: event.target.value })}
        options={[
          { value: '', label: t('products.allSources') },
          ...sources.map((source) => ({ value: source.name, label: source.label })),
        ]}
      />
      <Select
        label={t('products.stock')}
        className="grow sm:grow-0"
        value={filters.stock}
        onChange={(event) => onChange({ stock: event.target.value as StockFilter })}
        options={[
          { value: '', label: t('products.anyStock') },
          { value: 'in', label: t('availability.in_stock') },
          { value: 'out', label: t('availability.out_of_stock') },
        ]}
      />
      <Select
        label={t('products.sort.label')}
        className="grow sm:grow-0"
        value={filters.sort}
        onChange={(event) => onChange({ sort: isSort(event.target.value) ? event.target.value : '' })}
        options={[
          { value: '', label: t('products.sort.newest') },
          ...SORTS.map((sort) => ({ value: sort, label: t(SORT_LABELS[sort]) })),
        ]}
      />
    </search>
  );
}

function SearchBox({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(value);
  // What was last reported; a different value comes from outside (back button, "clear filters").
  const reported = useRef(value);

  useEffect(() => {
    if (value === reported.current) return;
    reported.current = value;
    setText(value);
  }, [value]);

  useEffect(() => {
    const wanted = text.trim();
    if (wanted === reported.current) return;
    const timer = setTimeout(() => {
      reported.current = wanted;
      onChange(wanted);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text, onChange]);

  return (
    <div className="relative min-w-52 grow basis-full sm:basis-0">
      <Search aria-hidden className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted" />
      <input
        type="search"
        aria-label={t('products.search')}
        placeholder={t('products.search')}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className={`${inputClass} border-line! pr-10 pl-9 shadow-card [&::-webkit-search-cancel-button]:hidden`}
      />
      {text !== '' && (
        <IconButton label={t('products.clearSearch')} onClick={() => setText('')} className="absolute! top-1 right-1 size-8!">
          <X aria-hidden className="size-4" />
        </IconButton>
      )}
    </div>
  );
}
