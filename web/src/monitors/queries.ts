import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, idempotencyKey, unwrap } from '../api/client';
import { keys } from '../api/keys';
import type { Category, CategoryPatch, Monitor, MonitorPatch, NewCategory, NewMonitor } from '../api/types';

/** How often the list is asked while a monitor runs, and while none does, in milliseconds. */
const BUSY = 2_500;
const CALM = 30_000;

const isBusy = (monitor: Monitor): boolean =>
  monitor.running || (monitor.status === 'active' && (monitor.last_run ?? null) === null);

export function useMonitors(source: string) {
  return useInfiniteQuery({
    queryKey: keys.monitors(source),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/api/v1/monitors', {
          params: {
            query: {
              limit: 100,
              ...(source === '' ? {} : { source }),
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.items.some(isBusy)) === true ? BUSY : CALM,
  });
}

/** One monitor, for its name beside what it found. */
export function useMonitor(id: string) {
  return useQuery({
    queryKey: keys.monitor(id),
    enabled: id !== '',
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/monitors/{id}', { params: { path: { id } }, signal })),
  });
}

export function useCategories() {
  return useInfiniteQuery({
    queryKey: keys.categories(),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/api/v1/categories', {
          params: { query: { limit: 100, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

/** What can be done to monitors; each brings the lists up to date. */
export function useMonitorChanges() {
  const client = useQueryClient();
  const settle = () => client.invalidateQueries({ queryKey: keys.monitors() });
  const create = useMutation({
    mutationFn: ({ body, key = idempotencyKey() }: { body: NewMonitor; key?: string }) =>
      unwrap(api.POST('/api/v1/monitors', { body, headers: { 'Idempotency-Key': key } })),
    onSuccess: settle,
  });
  const change = useMutation({
    mutationFn: ({ id, body }: { id: Monitor['id']; body: MonitorPatch }) =>
      unwrap(api.PATCH('/api/v1/monitors/{id}', { params: { path: { id } }, body })),
    onSuccess: settle,
  });
  const run = useMutation({
    mutationFn: (id: Monitor['id']) => unwrap(api.POST('/api/v1/monitors/{id}/run', { params: { path: { id } } })),
    onSuccess: settle,
  });
  const remove = useMutation({
    mutationFn: (id: Monitor['id']) => unwrap(api.DELETE('/api/v1/monitors/{id}', { params: { path: { id } } })),
    onSuccess: () => {
      // What it found and nothing else watches has left the list.
      void client.invalidateQueries({ queryKey: keys.products() });
      return settle();
    },
  });
  return { create, change, run, remove };
}

/** What can be done to categories; their monitors change with them. */
export function useCategoryChanges() {
  const client = useQueryClient();
  const settle = () => {
    void client.invalidateQueries({ queryKey: keys.monitors() });
    // What ended monitors found and nothing else watches has left the list.
    void client.invalidateQueries({ queryKey: keys.products() });
    return client.invalidateQueries({ queryKey: keys.categories() });
  };
  const create = useMutation({
    mutationFn: ({ body, key }: { body: NewCategory; key: string }) =>
      unwrap(api.POST('/api/v1/categories', { body, headers: { 'Idempotency-Key': key } })),
    onSuccess: settle,
  });
  const change = useMutation({
    mutationFn: ({ id, body }: { id: Category['id']; body: CategoryPatch }) =>
      unwrap(api.PATCH('/api/v1/categories/{id}', { params: { path: { id } }, body })),
    onSuccess: settle,
  });
  const remove = useMutation({
    mutationFn: (id: Category['id']) => unwrap(api.DELETE('/api/v1/categories/{id}', { params: { path: { id } } })),
    onSuccess: settle,
  });
  return { create, change, remove };
}
