import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, idempotencyKey, unwrap } from '../../api/client';
import { keys } from '../../api/keys';
import type { NewApiKey } from '../../api/types';

export function useApiKeys(enabled: boolean) {
  return useInfiniteQuery({
    queryKey: keys.apiKeys(),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/api/v1/api-keys', {
          params: { query: { limit: 100, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    enabled,
  });
}

/** Something asked for. Asked again after an answer was lost, it is the same to the last letter, and answered the same. */
export interface Asked<Body> {
  key: string;
  body: Body;
}

export const asked = <Body>(body: Body): Asked<Body> => ({ key: idempotencyKey(), body });

export function useApiKeyChanges() {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: keys.apiKeys() });
  const create = useMutation({
    mutationFn: ({ key, body }: Asked<NewApiKey>) =>
      unwrap(api.POST('/api/v1/api-keys', { params: { header: { 'Idempotency-Key': key } }, body })),
    onSettled,
  });
  const rotate = useMutation({
    mutationFn: ({ id, key, body }: Asked<{ overlap_seconds: number }> & { id: string }) =>
      unwrap(api.POST('/api/v1/api-keys/{id}/rotate', { params: { path: { id }, header: { 'Idempotency-Key': key } }, body })),
    onSettled,
  });
  const revoke = useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/api-keys/{id}', { params: { path: { id } } })),
    onSettled,
  });
  return { create, rotate, revoke };
}
