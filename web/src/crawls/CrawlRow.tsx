import { ChevronRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Crawl } from '../api/types';
import { RelativeTime } from '../format/RelativeTime';
import { useFormat } from '../format/useFormat';
import { Progress } from '../ui/Progress';
import { StatusBadge } from './StatusBadge';
import { useCrawlText } from './useCrawlText';
import { isOver, partsOf, secondsOf } from './words';

/** One crawl of the list; all of it leads to its page. */
export function CrawlRow({ crawl }: { crawl: Crawl }) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useCrawlText();
  const waits = text.waits(crawl);
  return (
    <li className="relative flex items-center gap-3 px-4 py-4 transition-colors focus-within:bg-sunken/60 hover:bg-sunken/60 sm:px-5">
      <div className="grid min-w-0 grow gap-x-6 gap-y-2 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)] md:items-center">
        <div className="min-w-0">
          <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <Link to={`/crawls/${crawl.id}`} className="text-sm font-semibold after:absolute after:inset-0">
              {t('crawls.items', { count: crawl.total, shown: format.number(crawl.total) })}
            </Link>
            <StatusBadge crawl={crawl} />
          </p>
          <p className="mt-0.5 truncate text-[0.8125rem] text-muted">
            {text.trigger(crawl.trigger)}
            {crawl.sources.length > 0 && ` · ${text.sources(crawl)}`}
          </p>
          <p className="mt-0.5 text-[0.8125rem] text-muted">
            <RelativeTime at={crawl.started_at} />
            {isOver(crawl) && ` · ${t('crawls.took', { time: format.duration(secondsOf(crawl, 0)) })}`}
          </p>
        </div>
        <div className="min-w-0">
          <Progress label={t('crawls.progress')} percent={crawl.percentage} parts={partsOf(crawl)} moving={crawl.status === 'running'} />
          <p className="tabular mt-1.5 text-[0.8125rem]">
            {text.counts(crawl)}
            {crawl.eta_seconds != null && (
              <span className="text-muted"> · {t('crawls.left', { time: format.duration(crawl.eta_seconds) })}</span>
            )}
          </p>
          {waits.map((wait) => (
            <p key={wait} className="text-[0.8125rem] text-warn">
              {wait}
            </p>
          ))}
        </div>
      </div>
      <ChevronRight aria-hidden className="size-4 shrink-0 text-muted" />
    </li>
  );
}
