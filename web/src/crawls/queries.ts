import { keepPreviousData, useInfiniteQuery, useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api, idempotencyKey, unwrap } from '../api/client';
import { keys } from '../api/keys';
import type { Crawl, CrawlPage, CrawlQuery, CrawlTarget, Product, ProductPage } from '../api/types';
import { isOver, type Shown } from './words';

/** How often the list is asked while a crawl goes on, and while none does, in milliseconds. */
const BUSY = 2_500;
const CALM = 30_000;
/** Products of a page of targets: their names change rarely. */
const NAMES_FRESH = 60_000;

export function useCrawls(query: CrawlQuery) {
  return useInfiniteQuery({
    queryKey: keys.crawls(query),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/api/v1/crawls', {
          params: { query: { ...query, limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page: CrawlPage) => page.items.some((crawl) => !isOver(crawl))) === true ? BUSY : CALM,
  });
}

/** One crawl without its parts. Events of its own stream keep it fresh. */
export function useCrawl(id: string) {
  return useQuery({
    queryKey: keys.crawl(id),
    queryFn: async ({ signal }): Promise<Crawl> => {
      const { targets: _targets, searches: _searches, ...crawl } = await unwrap(
        api.GET('/api/v1/crawls/{id}', { params: { path: { id }, query: { limit: 1 } }, signal }),
      );
      return crawl;
    },
  });
}

export function useTargets(id: string, shown: Shown) {
  return useInfiniteQuery({
    queryKey: keys.crawlTargets(id, shown),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const query = {
        limit: 50,
        ...(shown === '' ? {} : { outcome: shown }),
        ...(pageParam === null ? {} : { cursor: pageParam }),
      };
      const answer = await unwrap(api.GET('/api/v1/crawls/{id}', { params: { path: { id }, query }, signal }));
      return { ...answer.targets, searches: answer.searches };
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** The products of pages of targets, by id; those that the team watches no more are missing. */
export function useProductsOf(pages: readonly { items: readonly CrawlTarget[] }[]): ReadonlyMap<Product['id'], Product> {
  const combine = useCallback(
    (answers: readonly { data: ProductPage | undefined }[]) =>
      new Map(answers.flatMap(({ data }) => data?.items.map((product) => [product.id, product] as const) ?? [])),
    [],
  );
  return useQueries({
    queries: pages
      .map((page) => page.items.map((target) => target.product_id).join(','))
      .filter((ids) => ids !== '')
      .map((ids) => ({
        queryKey: keys.productsOf(ids),
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          unwrap(api.GET('/api/v1/products', { params: { query: { ids, limit: 200 } }, signal })),
        staleTime: NAMES_FRESH,
        placeholderData: keepPreviousData,
      })),
    combine,
  });
}

export function useCrawlChanges(id: string) {
  const client = useQueryClient();
  const refresh = () => {
    void client.invalidateQueries({ queryKey: keys.crawls() });
    return client.invalidateQueries({ queryKey: keys.crawl(id) });
  };
  const cancel = useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/crawls/{id}/cancel', { params: { path: { id } } })),
    // Also a refusal says that it stands otherwise than the page shows.
    onSettled: refresh,
  });
  const retry = useMutation({
    mutationFn: (includeNotFound: boolean) =>
      unwrap(
        api.POST('/api/v1/crawls/{id}/retry', {
          params: {
            path: { id },
            query: { include_not_found: includeNotFound },
            header: { 'Idempotency-Key': idempotencyKey() },
          },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.crawls() }),
  });
  return { cancel, retry };
}
