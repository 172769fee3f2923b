import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import type { SyncQuery } from '../api/types';

const NAMES = ['type', 'status', 'source'] as const;
export type Filters = Record<(typeof NAMES)[number], string>;

/** The filters live in the address, so that a filtered log can be kept and shared. */
export function useFilters(): [Filters, (change: Partial<Filters>) => void] {
  const [params, setParams] = useSearchParams();
  const filters = useMemo(
    () => Object.fromEntries(NAMES.map((name) => [name, params.get(name) ?? ''])) as Filters,
    [params],
  );
  const change = useCallback(
    (wanted: Partial<Filters>) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(wanted)) {
            if (value === '') next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true, preventScrollReset: true },
      ),
    [setParams],
  );
  return [filters, change];
}

/** The filters as the server reads them. */
export const queryOf = (filters: Filters): SyncQuery =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ''));
