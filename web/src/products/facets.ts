import type { Facets } from '../api/types';
import { type Filters, isType, type StockFilter } from './filters';

/** What the list can be narrowed by, in the order in which it is offered. */
export const FACETS = ['type', 'in_stock', 'source', 'brand', 'series', 'category', 'marketplace', 'tag'] as const;

export type FacetName = (typeof FACETS)[number];

const STOCK: Record<string, StockFilter> = { true: 'in', false: 'out' };

/** The value that the list is narrowed to; empty: none. */
export function chosenOf(filters: Filters, name: FacetName): string {
  if (name !== 'in_stock') return filters[name];
  return filters.stock === '' ? '' : String(filters.stock === 'in');
}

/** The change of the filters that narrows to a value; an empty one takes the narrowing back. */
export function narrowed(name: FacetName, value: string): Partial<Filters> {
  if (name === 'in_stock') return { stock: STOCK[value] ?? '' };
  if (name === 'type') return { type: isType(value) ? value : '' };
  return { [name]: value };
}

export const countChosen = (filters: Filters): number => FACETS.filter((name) => chosenOf(filters, name) !== '').length;

/** A value to choose, with how many products have it; `null` while that is not known. */
export interface Choice {
  value: string;
  count: number | null;
}

/**
 * What a facet offers: its values, and the chosen one even when nothing has it. Without an answer, the values that are
 * known anyway. Empty where there is nothing to choose between.
 */
export function choicesOf(facets: Facets | undefined, name: FacetName, chosen: string, known: readonly string[]): Choice[] {
  const counted: Choice[] = facets?.facets[name].values ?? known.map((value) => ({ value, count: null }));
  const all = chosen === '' || counted.some(({ value }) => value === chosen) ? counted : [{ value: chosen, count: null }, ...counted];
  return all.length > 1 || chosen !== '' ? all : [];
}
