import { keepPreviousData, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { keys } from '../api/keys';
import type { Product, Tracking, TrackingPatch } from '../api/types';
import { askedFrom, type Range } from './chart/ranges';

/** A point for every other pixel of a wide chart; the server thins without losing extremes. */
const POINTS = 600;

/** How often a new product's tracking is asked how its first look went, in milliseconds. */
const FIRST_LOOK = 3_000;

export const fetchCrawl = (id: string) => unwrap(api.GET('/api/v1/crawls/{id}', { params: { path: { id } } }));

export const fetchProduct = (id: Product['id'], signal?: AbortSignal) =>
  unwrap(api.GET('/api/v1/products/{id}', { params: { path: { id } }, ...(signal === undefined ? {} : { signal }) }));

export const productQuery = (id: Product['id']) =>
  queryOptions({ queryKey: keys.product(id), queryFn: ({ signal }) => fetchProduct(id, signal) });

export function useHistory(id: Product['id'], range: Range) {
  return useQuery({
    queryKey: keys.history(id, range),
    queryFn: ({ signal }) => {
      const from = askedFrom(range, new Date());
      return unwrap(
        api.GET('/api/v1/products/{id}/history', {
          params: {
            path: { id },
            query: {
              metric: 'price,rank',
              points: POINTS,
              ...(from === null ? {} : { from: from.toISOString() }),
            },
          },
          signal,
        }),
      );
    },
    placeholderData: keepPreviousData,
  });
}

/** The tenant's tracking of a product, or `null` when there is none. */
export function useTracking(product: Product) {
  return useQuery({
    queryKey: keys.tracking(product.id),
    enabled: (product.tracking_id ?? null) !== null,
    queryFn: async ({ signal }) => {
      const page = await unwrap(
        api.GET('/api/v1/trackings', { params: { query: { product_id: product.id, limit: 50 } }, signal }),
      );
      return page.items.find((tracking) => tracking.id === product.tracking_id) ?? null;
    },
    // A first look that fails changes no figure and so is told by no event.
    refetchInterval: ({ state }) =>
      (product.last_observed_at ?? null) === null && (state.data?.last_outcome ?? null) === null ? FIRST_LOOK : false,
  });
}

/** Changes when a product is looked at. */
export function useChangeTiming(product: Product) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, change }: { id: Tracking['id']; change: TrackingPatch }) =>
      unwrap(api.PATCH('/api/v1/trackings/{id}', { params: { path: { id } }, body: change })),
    onSuccess: (tracking) => {
      client.setQueryData<Tracking | null>(keys.tracking(product.id), tracking);
    },
  });
}

export function useStopTracking(product: Product, onStopped: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: Tracking['id']) => unwrap(api.DELETE('/api/v1/trackings/{id}', { params: { path: { id } } })),
    onSuccess: () => {
      onStopped();
      // Without a tracking the product no longer exists for this tenant.
      for (const queryKey of [keys.product(product.id), keys.history(product.id), keys.tracking(product.id)]) {
        client.removeQueries({ queryKey });
      }
      void client.invalidateQueries({ queryKey: keys.products() });
    },
  });
}
