import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client';
import { keys } from '../../api/keys';
import type { Product } from '../../api/types';

/** A product's numbers, weekdays and hours by the reader's clock. */
export function useStatistics(product: Product) {
  return useQuery({
    // Every look may move them.
    queryKey: [...keys.statistics(product.id), product.last_observed_at ?? ''],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/api/v1/products/{id}/statistics', {
          params: { path: { id: product.id }, query: { time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}
