import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, idempotencyKey, unwrap } from '../api/client';
import { keys } from '../api/keys';
import type { NewRule, Product, Rule, RulePatch, Tracking, Trial } from '../api/types';

/** Most points of a line below the marks of a test. */
const POINTS = 600;

/** All the rules, or those of one tracking alone. */
export function useRules(trackingId?: Tracking['id']) {
  return useInfiniteQuery({
    enabled: trackingId !== '',
    queryKey: keys.rules(trackingId ?? 'all'),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/api/v1/alert-rules', {
          params: {
            query: {
              limit: 100,
              ...(trackingId === undefined ? {} : { tracking_id: trackingId }),
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function useRule(id: string | null) {
  return useQuery({
    queryKey: keys.rule(id ?? ''),
    enabled: id !== null,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/alert-rules/{id}', { params: { path: { id: id ?? '' } }, signal })),
  });
}

/** What can be done to rules; each brings the lists up to date. */
export function useRuleChanges() {
  const client = useQueryClient();
  const settle = (rule?: Rule) => {
    if (rule !== undefined) client.setQueryData(keys.rule(rule.id), rule);
    return client.invalidateQueries({ queryKey: keys.rules() });
  };
  const create = useMutation({
    mutationFn: ({ body, key = idempotencyKey() }: { body: NewRule; key?: string }) =>
      unwrap(api.POST('/api/v1/alert-rules', { body, headers: { 'Idempotency-Key': key } })),
    onSuccess: settle,
  });
  const change = useMutation({
    mutationFn: ({ id, body }: { id: Rule['id']; body: RulePatch }) =>
      unwrap(api.PATCH('/api/v1/alert-rules/{id}', { params: { path: { id } }, body })),
    onSuccess: settle,
  });
  const remove = useMutation({
    mutationFn: (id: Rule['id']) => unwrap(api.DELETE('/api/v1/alert-rules/{id}', { params: { path: { id } } })),
    onSuccess: (_, id) => {
      client.removeQueries({ queryKey: keys.rule(id) });
      return settle();
    },
  });
  return { create, change, remove };
}

/** Replays a rule over a product's history. */
export function useTrial() {
  return useMutation({
    mutationFn: (body: Trial) => unwrap(api.POST('/api/v1/alert-rules/test', { body })),
  });
}

/** The lines to put the marks on. */
export function useTrialHistory(asked: { id: Product['id']; from: string; to: string; metric: string } | null) {
  return useQuery({
    queryKey: [...keys.history(asked?.id ?? 0, 'trial'), asked?.from, asked?.to, asked?.metric],
    enabled: asked !== null,
    queryFn: ({ signal }) => {
      const { id, from, to, metric } = asked as NonNullable<typeof asked>;
      return unwrap(
        api.GET('/api/v1/products/{id}/history', {
          params: { path: { id }, query: { metric, from, to, points: POINTS } },
          signal,
        }),
      );
    },
  });
}

/** The product that a tracking follows. */
export function useTracked(trackingId: Tracking['id'] | null) {
  return useQuery({
    queryKey: keys.trackingOf(trackingId ?? ''),
    enabled: trackingId !== null,
    staleTime: 5 * 60_000,
    queryFn: async ({ signal }) => {
      const tracking = await unwrap(
        api.GET('/api/v1/trackings/{id}', { params: { path: { id: trackingId ?? '' } }, signal }),
      );
      return unwrap(api.GET('/api/v1/products/{id}', { params: { path: { id: tracking.product_id } }, signal }));
    },
  });
}

/** Some products that have these words, to choose one from. */
export function useProductChoice(words: string, enabled: boolean) {
  return useQuery({
    queryKey: keys.productChoice(words),
    enabled,
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/v1/products', { params: { query: { limit: 6, ...(words === '' ? {} : { q: words }) } }, signal })),
    select: (page) => page.items,
    placeholderData: keepPreviousData,
  });
}
