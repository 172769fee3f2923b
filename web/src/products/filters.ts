import { useMemo } from 'react';
import type { ProductQuery } from '../api/types';
import { useAddress } from '../ui/useAddress';
import { isSort, type Sort } from './catalogue';

export type StockFilter = '' | 'in' | 'out';

export interface Filters {
  q: string;
  source: string;
  /** A monitor's id: what it found. */
  monitor: string;
  stock: StockFilter;
  sort: Sort | '';
}

/** The filters live in the address, so that a filtered list can be kept and shared. */
export function useFilters(): [Filters, (change: Partial<Filters>) => void] {
  const [params, change] = useAddress<keyof Filters>();
  const filters = useMemo<Filters>(() => {
    const stock = params.get('stock') ?? '';
    const sort = params.get('sort') ?? '';
    return {
      q: params.get('q') ?? '',
      source: params.get('source') ?? '',
      monitor: params.get('monitor') ?? '',
      stock: stock === 'in' || stock === 'out' ? stock : '',
      sort: isSort(sort) ? sort : '',
    };
  }, [params]);

  return [filters, change];
}

export const isFiltering = ({ q, source, monitor, stock }: Filters): boolean =>
  q !== '' || source !== '' || monitor !== '' || stock !== '';

/** The filters as the server reads them. */
export function queryOf({ q, source, monitor, stock, sort }: Filters): ProductQuery {
  return {
    ...(q === '' ? {} : { q }),
    ...(source === '' ? {} : { source }),
    ...(monitor === '' ? {} : { monitor }),
    ...(stock === '' ? {} : { in_stock: stock === 'in' }),
    ...(sort === '' ? {} : { sort }),
  };
}
