import { Search, SlidersHorizontal, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../ui/Button';
import { inputClass } from '../ui/Field';
import { Select } from '../ui/Select';
import { defaultSort, isSort, SORTS } from './catalogue';
import { countChosen } from './facets';
import type { Filters } from './filters';

/** Typing pauses this long before the list is asked for, in milliseconds. */
const PAUSE = 250;

const SORT_LABELS = {
  relevance: 'products.sort.relevance',
  '-created_at': 'products.sort.newest',
  '-last_changed_at': 'products.sort.changed',
  '-popularity': 'products.sort.popular',
  price_change: 'products.sort.fallen',
  '-price_change': 'products.sort.risen',
  price: 'products.sort.cheapest',
  '-price': 'products.sort.dearest',
  rank: 'products.sort.rank',
  '-rating': 'products.sort.rated',
  '-review_count': 'products.sort.reviewed',
  title: 'products.sort.title',
} as const;

/** Words, order, and the way to the filters where they do not stand beside the list. */
export function FilterBar({
  filters,
  onChange,
  onFilters,
}: {
  filters: Filters;
  onChange: (change: Partial<Filters>) => void;
  onFilters: () => void;
}) {
  const { t } = useTranslation();
  const usual = defaultSort(filters.q);
  const chosen = countChosen(filters);
  return (
    <search className="mb-4 flex flex-wrap gap-2">
      <SearchBox value={filters.q} onChange={(q) => onChange({ q })} />
      <Button
        className="lg:hidden"
        icon={<SlidersHorizontal aria-hidden className="size-4" />}
        aria-haspopup="dialog"
        onClick={onFilters}
      >
        {chosen === 0 ? t('products.facet.title') : t('products.facet.titleChosen', { count: chosen })}
      </Button>
      <Select
        label={t('products.sort.label')}
        className="min-w-0 grow sm:grow-0"
        value={filters.sort === usual ? '' : filters.sort}
        onChange={(event) => onChange({ sort: isSort(event.target.value) ? event.target.value : '' })}
        options={[
          { value: '', label: t(SORT_LABELS[usual]) },
          ...SORTS.filter((sort) => sort !== usual && (sort !== 'relevance' || filters.q !== '')).map((sort) => ({
            value: sort,
            label: t(SORT_LABELS[sort]),
          })),
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
