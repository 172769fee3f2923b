import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, idempotencyKey, unwrap } from '../api/client';
import { keys } from '../api/keys';
import type { NewTracking } from '../api/types';

/** Starts tracking. The key makes pressing twice, or again after a lost answer, track once. */
export function useTrack() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ body, key = idempotencyKey() }: { body: NewTracking; key?: string }) =>
      unwrap(api.POST('/api/v1/trackings', { body, headers: { 'Idempotency-Key': key } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.products() }),
  });
}

/** What to look at: a page, or a source's own id. */
export type LookAt = { url: string } | { source: string; marketplace: string; external_id: string };

/** Looks at a product before it is tracked. It stops when the dialog closes. */
export function useLook(at: LookAt | null) {
  return useQuery({
    queryKey: ['look', at],
    enabled: at !== null,
    queryFn: ({ signal }) => unwrap(api.POST('/api/v1/sources/preview', { body: at ?? { url: '' }, signal })),
    // A look costs the source a request: none is made that nobody asked for.
    retry: false,
    staleTime: 60_000,
    gcTime: 60_000,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

export interface LiveSearch {
  source: string;
  marketplace: string | null;
  q: string;
}

/** Searches a source right now. */
export function useLiveSearch(search: LiveSearch | null) {
  return useQuery({
    queryKey: ['search', search],
    enabled: search !== null,
    queryFn: ({ signal }) => {
      const { source, marketplace, q } = search ?? { source: '', marketplace: null, q: '' };
      return unwrap(
        api.GET('/api/v1/sources/{source}/search', {
          params: { path: { source }, query: { q, ...(marketplace === null ? {} : { marketplace }) } },
          signal,
        }),
      );
    },
    retry: false,
    staleTime: 60_000,
    gcTime: 60_000,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}
