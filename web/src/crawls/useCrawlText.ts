import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Crawl } from '../api/types';
import { useFormat } from '../format/useFormat';
import { useSourceName } from '../sources/queries';
import { opened } from '../sources/words';
import { isHeadline, isStatus, isTrigger } from './words';

/** A crawl in words of the reader's language. */
export function useCrawlText() {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  return useMemo(() => {
    const counted = (key: 'failed' | 'notFetched', count: number) =>
      count === 0 ? [] : [t(`crawls.${key}`, { count, shown: format.number(count) })];
    return {
      status: (crawl: Crawl): string => (isStatus(crawl.status) ? t(`crawls.status.${crawl.status}`) : opened(crawl.status)),
      /** "Crawl completed", for when it is over. */
      headline: (status: string): string => t(`crawls.headline.${isHeadline(status) ? status : 'completed'}`),
      trigger: (trigger: string): string => (isTrigger(trigger) ? t(`crawls.trigger.${trigger}`) : opened(trigger)),
      sources: (crawl: Crawl): string => crawl.sources.map(sourceName).join(t('common.comma')),
      /** "340 of 500 fetched, 12 failed". */
      counts(crawl: Pick<Crawl, 'total' | 'succeeded' | 'failed' | 'cancelled'>): string {
        const fetched = t('crawls.fetched', {
          count: crawl.total,
          done: format.number(crawl.succeeded),
          total: format.number(crawl.total),
        });
        return [fetched, ...counted('failed', crawl.failed), ...counted('notFetched', crawl.cancelled)].join(t('common.comma'));
      },
      /** Who holds it up: "PopMart asks us to pause until 10:03". */
      waits: (crawl: Crawl): string[] =>
        crawl.waits.map((wait) => {
          const source = sourceName(wait.source);
          const state = wait.state === 'paused' ? 'paused' : 'open';
          return wait.until == null
            ? t(`crawls.wait.${state}`, { source })
            : t(`crawls.waitUntil.${state}`, { source, time: format.clock(wait.until) });
        }),
    };
  }, [t, format, sourceName]);
}
