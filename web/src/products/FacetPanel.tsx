import { Check } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Facets } from '../api/types';
import { useFormat } from '../format/useFormat';
import { useKnownSources } from '../sources/queries';
import { classes } from '../ui/classes';
import { type Choice, choicesOf, chosenOf, FACETS, type FacetName, narrowed } from './facets';
import { type Filters, TYPES } from './filters';
import { useFacetText } from './useFacetText';

/** Values shown at first; the rest on request. */
const FIRST = 6;

/** Everything that the list can be narrowed by, with how many products that would leave. */
export function FacetPanel({
  facets,
  filters,
  onChange,
}: {
  facets: Facets | undefined;
  filters: Filters;
  onChange: (change: Partial<Filters>) => void;
}) {
  const sources = useKnownSources();
  const known: Partial<Record<FacetName, readonly string[]>> = {
    type: TYPES,
    in_stock: ['true', 'false'],
    source: sources.map((source) => source.name),
  };
  return (
    <div className="flex flex-col gap-6">
      {FACETS.map((name) => {
        const chosen = chosenOf(filters, name);
        const choices = choicesOf(facets, name, chosen, known[name] ?? []);
        return (
          choices.length > 0 && (
            <Group
              key={name}
              name={name}
              choices={choices}
              others={facets?.facets[name].others ?? 0}
              chosen={chosen}
              onChoose={(value) => onChange(narrowed(name, value))}
            />
          )
        );
      })}
    </div>
  );
}

function Group({
  name,
  choices,
  others,
  chosen,
  onChoose,
}: {
  name: FacetName;
  choices: readonly Choice[];
  others: number;
  chosen: string;
  onChoose: (value: string) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useFacetText();
  const [all, setAll] = useState(false);
  const title = t(`products.facet.${name}`);
  const chips = name === 'type' || name === 'in_stock';
  const shown = all ? choices : choices.filter(({ value }, index) => index < FIRST || value === chosen);
  const choice = ({ value, count }: Choice) => {
    const on = value === chosen;
    const words = text(name, value);
    return (
      <li key={value} className={chips ? '' : 'min-w-0'}>
        <button
          type="button"
          aria-pressed={on}
          onClick={() => onChoose(on ? '' : value)}
          title={words}
          className={classes(
            'flex items-center gap-2 rounded-lg text-[0.8125rem] transition-colors',
            chips ? 'h-8 border px-2.5' : 'min-h-8 w-full px-2 py-1 text-left hover:bg-sunken',
            on ? 'border-accent bg-accent-soft font-medium text-accent' : 'border-line text-ink',
            chips && !on && 'bg-surface hover:border-line-strong',
          )}
        >
          <span className={chips ? '' : 'min-w-0 grow truncate'}>{words}</span>
          {on && <Check aria-hidden className="size-3.5 shrink-0" />}
          {count !== null && <span className={classes('tabular shrink-0 text-xs', on ? 'text-accent' : 'text-muted')}>{format.number(count)}</span>}
        </button>
      </li>
    );
  };
  return (
    <section aria-label={title}>
      <h3 className="mb-1.5 text-[0.8125rem] font-semibold">{title}</h3>
      <ul className={chips ? 'flex flex-wrap gap-1.5' : classes('-mx-2', all && 'max-h-80 overflow-y-auto')}>{shown.map(choice)}</ul>
      {(choices.length > shown.length || (all && others > 0)) && (
        <p className="mt-1 text-[0.8125rem] text-muted">
          {all ? (
            t('products.facet.others', { count: others, shown: format.number(others) })
          ) : (
            <button type="button" onClick={() => setAll(true)} className="rounded-md font-medium text-accent underline-offset-4 hover:underline">
              {t('products.facet.more', { count: choices.length - shown.length })}
            </button>
          )}
        </p>
      )}
    </section>
  );
}
