import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, idempotencyKey, unwrap } from '../../api/client';
import { keys } from '../../api/keys';
import { isWorking } from './exports';

/** How often a running export is looked at, in milliseconds. */
const LOOK = 2_000;

export function useExports() {
  return useQuery({
    queryKey: keys.exports(),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/tenant/exports', { signal })),
    refetchInterval: ({ state }) => (isWorking(state.data?.items) ? LOOK : false),
  });
}

export function useStartExport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/tenant/exports', { params: { header: { 'Idempotency-Key': idempotencyKey() } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.exports() }),
  });
}

export function useDeleteTenant() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { slug: string; password: string }) => unwrap(api.DELETE('/api/v1/tenant', { body })),
    onSuccess: () => client.invalidateQueries(),
  });
}

export function useRestore() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/tenant/restore')),
    onSuccess: () => client.invalidateQueries(),
  });
}
