import { useMemo } from 'react';
import type { SyncQuery } from '../api/types';
import { useAddress } from '../ui/useAddress';

const NAMES = ['type', 'status', 'source'] as const;
export type Filters = Record<(typeof NAMES)[number], string>;

/** The filters live in the address, so that a filtered log can be kept and shared. */
export function useFilters(): [Filters, (change: Partial<Filters>) => void] {
  const [params, change] = useAddress<keyof Filters>();
  const filters = useMemo(
    () => Object.fromEntries(NAMES.map((name) => [name, params.get(name) ?? ''])) as Filters,
    [params],
  );
  return [filters, change];
}

/** The filters as the server reads them. */
export const queryOf = (filters: Filters): SyncQuery =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ''));
