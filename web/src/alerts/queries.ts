import { type InfiniteData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { keys } from '../api/keys';
import type { Alert, AlertPage, Product } from '../api/types';

export type AlertList = InfiniteData<AlertPage>;

/** The newest alerts first, of all products or of one. */
export function useAlerts(productId?: Product['id']) {
  return useInfiniteQuery({
    queryKey: keys.alerts(productId),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/api/v1/alerts', {
          params: {
            query: {
              limit: productId === undefined ? 50 : 10,
              ...(productId === undefined ? {} : { product_id: productId }),
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

function withAcknowledged(list: AlertList | undefined, id: Alert['id'], at: string | null): AlertList | undefined {
  if (list === undefined) return undefined;
  return {
    ...list,
    pages: list.pages.map((page) => ({
      ...page,
      items: page.items.map((item) => (item.id === id ? { ...item, acknowledged_at: at } : item)),
    })),
  };
}

/** Acknowledges at once on the page and takes it back if the server refuses. */
export function useAcknowledge(onRefused: (error: unknown) => void) {
  const client = useQueryClient();
  const mark = (id: Alert['id'], at: string | null) =>
    client.setQueriesData<AlertList>({ queryKey: ['alerts'] }, (list) => withAcknowledged(list, id, at));
  return useMutation({
    mutationFn: (id: Alert['id']) => unwrap(api.POST('/api/v1/alerts/{id}/ack', { params: { path: { id } } })),
    onMutate: (id) => {
      mark(id, new Date().toISOString());
    },
    onError: (error, id) => {
      mark(id, null);
      onRefused(error);
    },
  });
}
