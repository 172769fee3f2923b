import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { authorizedFetch } from '../api/client';
import { keys } from '../api/keys';
import type { Crawl } from '../api/types';
import { EventStream } from '../events/stream';

/** The table of targets is fetched anew at most this often while the crawl goes on, in milliseconds. */
const TARGETS = 2_000;

const isCrawl = (data: unknown): data is Crawl =>
  typeof data === 'object' && data !== null && 'id' in data && 'percentage' in data;

/** Follows a crawl's own event stream into the cached answers until it is over. */
export function useLiveCrawl(id: string, enabled: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!enabled) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const targetsChanged = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey: keys.crawlTargets(id) });
      }, TARGETS);
    };
    const stream = new EventStream({
      connect: (_, signal) =>
        authorizedFetch(
          new Request(`/api/v1/crawls/${encodeURIComponent(id)}/events`, {
            headers: { Accept: 'text/event-stream' },
            signal,
            cache: 'no-store',
          }),
        ),
      onEvent: ({ kind, data }) => {
        if (!isCrawl(data)) return;
        client.setQueryData<Crawl>(keys.crawl(id), data);
        if (kind === 'progress') targetsChanged();
        if (kind !== 'finished') return;
        stream.stop();
        clearTimeout(timer);
        void client.invalidateQueries({ queryKey: keys.crawlTargets(id) });
        void client.invalidateQueries({ queryKey: keys.crawls() });
      },
    });
    stream.start();
    return () => {
      clearTimeout(timer);
      stream.stop();
    };
  }, [client, id, enabled]);
}
