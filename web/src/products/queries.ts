import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { keys } from '../api/keys';
import type { FacetQuery, ProductQuery } from '../api/types';

export function useProducts(query: ProductQuery) {
  return useInfiniteQuery({
    queryKey: keys.products(query),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/api/v1/products', {
          params: { query: { ...query, limit: 48, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    // The old list stays while the next one is fetched: typing in the search box does not flicker.
    placeholderData: keepPreviousData,
  });
}

/** How many products each further filter would leave. */
export function useFacets(query: FacetQuery) {
  return useQuery({
    queryKey: keys.facets(query),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/products/facets', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
}

const NO_TAGS: readonly string[] = [];

/** The tags that trackings carry, the most used first. */
export function useTags(enabled: boolean): readonly string[] {
  const { data } = useQuery({
    queryKey: keys.facets({}),
    enabled,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/products/facets', { params: { query: {} }, signal })),
    select: ({ facets }) => facets.tag.values.map(({ value }) => value),
  });
  return data ?? NO_TAGS;
}
