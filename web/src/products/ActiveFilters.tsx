import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { chosenOf, FACETS, narrowed } from './facets';
import { type Filters, NO_FILTERS } from './filters';
import { useFacetText } from './useFacetText';

/** What the list is narrowed by, each with a way to take it back. */
export function ActiveFilters({ filters, onChange }: { filters: Filters; onChange: (change: Partial<Filters>) => void }) {
  const { t } = useTranslation();
  const text = useFacetText();
  const active = FACETS.flatMap((name) => {
    const value = chosenOf(filters, name);
    return value === '' ? [] : [{ name, words: text(name, value) }];
  });
  if (active.length === 0) return null;
  return (
    <ul aria-label={t('products.facet.active')} className="flex min-w-0 flex-wrap gap-1.5">
      {active.map(({ name, words }) => (
        <li key={name} className="min-w-0">
          <button
            type="button"
            onClick={() => onChange(narrowed(name, ''))}
            aria-label={t('products.facet.remove', { facet: t(`products.facet.${name}`), value: words })}
            className="inline-flex h-8 max-w-full items-center gap-1.5 rounded-full bg-accent-soft pr-2 pl-3 text-[0.8125rem] font-medium text-accent"
          >
            <span className="truncate">{words}</span>
            <X aria-hidden className="size-3.5 shrink-0" />
          </button>
        </li>
      ))}
      {active.length > 1 && (
        <li>
          <button
            type="button"
            onClick={() => onChange({ ...NO_FILTERS, q: filters.q, monitor: filters.monitor })}
            className="h-8 rounded-full px-3 text-[0.8125rem] font-medium text-muted hover:text-ink"
          >
            {t('products.noMatch.clear')}
          </button>
        </li>
      )}
    </ul>
  );
}
