import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { keys } from '../api/keys';
import type { Product } from '../api/types';
import { askedFrom, type Range } from '../product/chart/ranges';
import type { Metric } from './choice';

/** Most points of a line. */
const POINTS = 600;

/** One metric of several products, in one call. */
export function useHistories(ids: readonly Product['id'][], metric: Metric, range: Range) {
  const wanted = ids.join(',');
  return useQuery({
    queryKey: keys.histories(wanted, metric, range),
    enabled: ids.length > 0,
    queryFn: ({ signal }) => {
      const from = askedFrom(range, new Date());
      return unwrap(
        api.GET('/api/v1/products/history', {
          params: { query: { ids: wanted, metric, points: POINTS, ...(from === null ? {} : { from: from.toISOString() }) } },
          signal,
        }),
      );
    },
    placeholderData: keepPreviousData,
  });
}

/** What the chosen products are called and how they stand. */
export function useChosen(ids: readonly Product['id'][]) {
  const wanted = ids.join(',');
  return useQuery({
    queryKey: keys.productsOf(wanted),
    enabled: ids.length > 0,
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/v1/products', { params: { query: { ids: wanted, limit: 50 } }, signal })),
    select: (page) => page.items,
    placeholderData: keepPreviousData,
  });
}
