import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { replaceProduct } from '../events/apply';
import { onLiveEvent } from '../events/bus';
import { api, unwrap } from '../api/client';
import { keys } from '../api/keys';
import type { Product } from '../api/types';
import { fetchProduct } from './queries';

export type RefreshState = 'idle' | 'asking' | 'waiting' | 'done' | 'slow' | 'failed';

/** Besides listening, the product is looked at this often: the stream may be down. */
const LOOK = 4_000;
/** After this the page stops showing progress; the work goes on at the server. */
const PATIENCE = 90_000;
/** How long "up to date" stays. */
const AFTERGLOW = 4_000;

/**
 * Asks for a fresh look at a product and follows it until the answer is in: a change, the end of
 * the crawl, or a newer observation.
 */
export function useRefresh(product: Product) {
  const client = useQueryClient();
  const id = product.id;
  const [state, setState] = useState<RefreshState>('idle');
  const [crawl, setCrawl] = useState<string | null>(null);
  const [seenBefore, setSeenBefore] = useState<string | null>(null);

  const ask = useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/products/{id}/refresh', { params: { path: { id } } })),
    onMutate: () => {
      setSeenBefore(product.last_observed_at ?? null);
      setState('asking');
    },
    onSuccess: (accepted: { crawl_id?: string | null } | undefined) => {
      setCrawl(accepted?.crawl_id ?? null);
      setState('waiting');
    },
    onError: () => setState('failed'),
  });

  useEffect(() => {
    if (state !== 'waiting') return;
    const look = async () => {
      const fresh = await fetchProduct(id);
      replaceProduct(client, id, () => fresh);
      if ((fresh.last_observed_at ?? null) !== seenBefore) finish('done');
    };
    const finish = (end: 'done' | 'failed') => {
      setState(end);
      void client.invalidateQueries({ queryKey: keys.history(id) });
    };
    const stopListening = onLiveEvent((event) => {
      if (event.kind === 'listing.changed' && String(event.data.product_id) === String(id)) finish('done');
      if (event.kind === 'crawl.finished' && crawl !== null && event.data.crawl_id === crawl) {
        if (event.data.status === 'failed' || event.data.status === 'cancelled') finish('failed');
        else void look().then(() => finish('done'), () => finish('done'));
      }
    });
    const looks = setInterval(() => void look().catch(() => undefined), LOOK);
    const patience = setTimeout(() => setState('slow'), PATIENCE);
    return () => {
      stopListening();
      clearInterval(looks);
      clearTimeout(patience);
    };
  }, [state, id, crawl, seenBefore, client]);

  useEffect(() => {
    if (state !== 'done') return;
    const timer = setTimeout(() => setState('idle'), AFTERGLOW);
    return () => clearTimeout(timer);
  }, [state]);

  return { state, error: ask.error, start: () => ask.mutate() };
}
