import { useMemo } from 'react';
import type { FacetQuery, ProductQuery } from '../api/types';
import { useAddress } from '../ui/useAddress';
import { defaultSort, isSort, type Sort } from './catalogue';

/** Kinds of products, as the server names them. */
export const TYPES = ['new', 'limited', 'pre_order', 'blind_box'] as const;

type Type = (typeof TYPES)[number];

export const isType = (value: string): value is Type => (TYPES as readonly string[]).includes(value);

export type StockFilter = '' | 'in' | 'out';

/** Filters with one text each; empty: not filtered by. */
export const TEXTS = ['source', 'marketplace', 'brand', 'series', 'category', 'tag'] as const;

export interface Filters extends Record<(typeof TEXTS)[number], string> {
  q: string;
  /** A monitor's id: what it found. */
  monitor: string;
  type: Type | '';
  stock: StockFilter;
  sort: Sort | '';
}

/** Nothing filtered; the order stays. */
export const NO_FILTERS: Omit<Filters, 'sort'> = {
  q: '',
  monitor: '',
  type: '',
  stock: '',
  source: '',
  marketplace: '',
  brand: '',
  series: '',
  category: '',
  tag: '',
};

/** The filters as an address has them. */
export function filtersOf(params: URLSearchParams): Filters {
  const text = (name: string) => params.get(name) ?? '';
  const [stock, sort, type] = [text('stock'), text('sort'), text('type')];
  return {
    q: text('q'),
    monitor: text('monitor'),
    type: isType(type) ? type : '',
    stock: stock === 'in' || stock === 'out' ? stock : '',
    sort: isSort(sort) ? sort : '',
    source: text('source'),
    marketplace: text('marketplace'),
    brand: text('brand'),
    series: text('series'),
    category: text('category'),
    tag: text('tag'),
  };
}

/** The filters live in the address, so that a filtered list can be kept and shared. */
export function useFilters(): [Filters, (change: Partial<Filters>) => void] {
  const [params, change] = useAddress<keyof Filters>();
  return [useMemo(() => filtersOf(params), [params]), change];
}

export const isFiltering = (filters: Filters): boolean =>
  (Object.keys(NO_FILTERS) as (keyof typeof NO_FILTERS)[]).some((name) => filters[name] !== '');

/** The filters as the server reads them. */
export function facetQueryOf(filters: Filters): FacetQuery {
  const { q, monitor, type, stock } = filters;
  return {
    ...(q === '' ? {} : { q }),
    ...(monitor === '' ? {} : { monitor }),
    ...(type === '' ? {} : { type }),
    ...(stock === '' ? {} : { in_stock: stock === 'in' }),
    ...Object.fromEntries(TEXTS.flatMap((name) => (filters[name] === '' ? [] : [[name, filters[name]]]))),
  };
}

/** The filters and the order. Without words nothing fits better than anything else. */
export function queryOf(filters: Filters): ProductQuery {
  const { q, sort } = filters;
  const wanted = sort === '' || (sort === 'relevance' && q === '') ? defaultSort(q) : sort;
  return { ...facetQueryOf(filters), ...(wanted === defaultSort(q) ? {} : { sort: wanted }) };
}
