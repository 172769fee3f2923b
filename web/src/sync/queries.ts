import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, idempotencyKey, unwrap } from '../api/client';
import { keys } from '../api/keys';
import type { NewSync, SyncLog, SyncQuery } from '../api/types';
import { isOver } from './words';

/** How often logs are asked for while a sync runs, and while none does, in milliseconds. */
const BUSY = 1_500;
const CALM = 20_000;

/** The newest logs first. */
export function useSyncLogs(query: SyncQuery) {
  return useInfiniteQuery({
    queryKey: keys.syncLogs(query),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/api/v1/sync-logs', {
          params: { query: { limit: 50, ...query, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.items.some((log) => !isOver(log))) === true ? BUSY : CALM,
  });
}

/** One log with what did not go well. */
export function useSyncLog(id: SyncLog['id']) {
  return useQuery({
    queryKey: keys.syncLog(id),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/sync-logs/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data !== undefined && isOver(state.data) ? false : BUSY),
  });
}

/** The newest sync of a source's catalogue, if there was one lately. */
export function useLatestSync(source: string) {
  const logs = useSyncLogs({ source });
  return logs.data?.pages[0]?.items.find((log) => log.mode !== null && log.mode !== undefined) ?? null;
}

/** Starts a sync of a source. */
export function useStartSync(source: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewSync) =>
      unwrap(
        api.POST('/api/v1/sync/{source}', {
          params: { path: { source } },
          body,
          headers: { 'Idempotency-Key': idempotencyKey() },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.syncLogs() }),
  });
}
