import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, unwrap } from '../api/client';
import { keys } from '../api/keys';
import type { Product } from '../api/types';
import { replaceProduct } from '../events/apply';
import { onLiveEvent } from '../events/bus';
import { fetchCrawl, fetchProduct } from './queries';

export type RefreshState = 'idle' | 'asking' | 'waiting' | 'done' | 'slow' | 'failed';

/** The crawl is asked this often how it goes: a look that finds nothing new is told by no event. */
const LOOK = 1_500;
/** After this the page stops showing progress; the work goes on at the server. */
const PATIENCE = 90_000;
/** How long "up to date" stays. */
const AFTERGLOW = 4_000;

/** Asks for a fresh look at a product and follows it to its end, by events and by asking. */
export function useRefresh(product: Product) {
  const client = useQueryClient();
  const id = product.id;
  const [state, setState] = useState<RefreshState>('idle');
  const [crawlId, setCrawlId] = useState<string | null>(null);
  const [outcome, setOutcome] = useState<string | null>(null);

  const ask = useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/products/{id}/refresh', { params: { path: { id } } })),
    onMutate: () => setState('asking'),
    onSuccess: ({ crawl_id }) => {
      setCrawlId(crawl_id);
      setOutcome(null);
      setState('waiting');
    },
    onError: () => setState('failed'),
  });

  useEffect(() => {
    if (state !== 'waiting' || crawlId === null) return;
    const finish = async () => {
      for (const queryKey of [keys.history(id), keys.tracking(id)]) void client.invalidateQueries({ queryKey });
      // The button says "up to date" only when the page is.
      const fresh = await fetchProduct(id);
      replaceProduct(client, id, () => fresh);
      setState('done');
    };
    const look = async () => {
      const { status, targets } = await fetchCrawl(crawlId);
      if (status === 'idle' || status === 'running') return;
      if (status === 'completed') return finish();
      setOutcome(targets.items.find((target) => target.product_id === id)?.outcome ?? 'failed');
      setState('failed');
      void client.invalidateQueries({ queryKey: keys.tracking(id) });
    };
    // A failed question is asked again at the next turn.
    const quietly = (work: Promise<void>) => void work.catch(() => undefined);
    const stopListening = onLiveEvent((event) => {
      if (event.kind === 'listing.changed' && event.data.product_id === id) quietly(finish());
      if (event.kind === 'crawl.finished' && event.data.crawl_id === crawlId) quietly(look());
    });
    const looks = setInterval(() => quietly(look()), LOOK);
    const patience = setTimeout(() => setState('slow'), PATIENCE);
    return () => {
      stopListening();
      clearInterval(looks);
      clearTimeout(patience);
    };
  }, [state, id, crawlId, client]);

  useEffect(() => {
    if (state !== 'done') return;
    const timer = setTimeout(() => setState('idle'), AFTERGLOW);
    return () => clearTimeout(timer);
  }, [state]);

  return { state, outcome, crawlId, error: ask.error, start: () => ask.mutate() };
}
