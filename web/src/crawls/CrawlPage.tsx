import { ArrowLeft, OctagonX, RotateCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import { asProblem } from '../api/problem';
import type { Crawl } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { useRights } from '../auth/useRights';
import { RelativeTime } from '../format/RelativeTime';
import { useFormat } from '../format/useFormat';
import { Button } from '../ui/Button';
import { ConfirmDialog } from '../ui/Dialog';
import { ErrorNotice } from '../ui/Notice';
import { Progress } from '../ui/Progress';
import { Skeleton } from '../ui/Skeleton';
import { toast } from '../ui/toasts';
import { useTitle } from '../ui/useTitle';
import { useCrawl, useCrawlChanges } from './queries';
import { StatusBadge } from './StatusBadge';
import { Targets } from './Targets';
import { useCrawlText } from './useCrawlText';
import { useLiveCrawl } from './useLiveCrawl';
import { canCancel, canRetry, isOver, partsOf, secondsOf } from './words';

/** One crawl as it goes on: how far it is, what became of each product, and ways to steer it. */
export function CrawlPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  useTitle(t('crawls.one'));
  const crawl = useCrawl(id);
  useLiveCrawl(id, crawl.data !== undefined && !isOver(crawl.data));
  return (
    <>
      <Link
        to="/crawls"
        className="mb-4 inline-flex items-center gap-1.5 text-sm text-muted underline-offset-4 hover:text-ink hover:underline"
      >
        <ArrowLeft aria-hidden className="size-4" />
        {t('crawls.title')}
      </Link>
      {crawl.isPending ? (
        <div role="status" aria-label={t('common.loading')} className="space-y-3 rounded-2xl border border-line bg-surface p-5">
          <Skeleton className="h-5 w-48" />
          <Skeleton className="h-2 w-full" />
          <Skeleton className="h-4 w-64 max-w-full" />
        </div>
      ) : crawl.isError && crawl.data === undefined ? (
        <ErrorNotice error={crawl.error} onRetry={() => void crawl.refetch()} />
      ) : (
        <>
          <Head crawl={crawl.data} />
          <Targets crawl={crawl.data} />
        </>
      )}
    </>
  );
}

function Head({ crawl }: { crawl: Crawl }) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useCrawlText();
  const over = isOver(crawl);
  const pace = [
    crawl.rate == null ? null : t('crawls.rate', { shown: format.number(crawl.rate) }),
    crawl.eta_seconds != null
      ? t('crawls.left', { time: format.duration(crawl.eta_seconds) })
      : crawl.status === 'running'
        ? t('crawls.tooEarly')
        : null,
  ].filter((part) => part !== null);
  return (
    <section aria-labelledby="crawl-title" className="mb-6 rounded-2xl border border-line bg-surface p-5 shadow-card sm:p-6">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h1 id="crawl-title" className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xl font-semibold tracking-tight">
            {t('crawls.items', { count: crawl.total, shown: format.number(crawl.total) })}
            <StatusBadge crawl={crawl} />
          </h1>
          <p className="mt-1 text-sm text-muted">
            {text.trigger(crawl.trigger)}
            {crawl.sources.length > 0 && ` · ${text.sources(crawl)}`}
            {' · '}
            <RelativeTime at={crawl.started_at} />
            {over && ` · ${t('crawls.took', { time: format.duration(secondsOf(crawl, 0)) })}`}
          </p>
        </div>
        <Actions crawl={crawl} />
      </div>
      <div className="mt-5 flex items-center gap-3">
        <Progress
          label={t('crawls.progress')}
          percent={crawl.percentage}
          parts={partsOf(crawl)}
          moving={!over && crawl.status !== 'idle'}
          className="h-2.5! grow"
        />
        <span aria-hidden className="tabular w-11 text-right text-sm font-semibold">
          {format.number(crawl.percentage)}%
        </span>
      </div>
      <div role="status" className="mt-2 text-sm">
        <p className="tabular font-medium">{text.counts(crawl)}</p>
        {text.waits(crawl).map((wait) => (
          <p key={wait} className="text-warn">
            {wait}
          </p>
        ))}
      </div>
      {pace.length > 0 && <p className="tabular mt-0.5 text-sm text-muted">{pace.join(' · ')}</p>}
    </section>
  );
}

/** Cancelling, and fetching once more what failed: whichever makes sense now. */
function Actions({ crawl }: { crawl: Crawl }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const navigate = useNavigate();
  const { write } = useRights();
  const { cancel, retry } = useCrawlChanges(crawl.id);
  const [asking, setAsking] = useState(false);
  const refused = (error: unknown) => toast({ title: t('problem.refused.title'), body: problemText(asProblem(error)).advice });
  if (!write) return null;
  return (
    <div className="flex flex-wrap gap-2">
      {canCancel(crawl) && (
        <Button look="danger" icon={<OctagonX aria-hidden className="size-4" />} onClick={() => setAsking(true)}>
          {t('crawls.cancel.action')}
        </Button>
      )}
      {canRetry(crawl) && (
        <Button
          icon={<RotateCw aria-hidden className="size-4" />}
          busy={retry.isPending}
          onClick={() =>
            retry.mutate(false, {
              onSuccess: (started) => void navigate(`/crawls/${started.crawl_id}`),
              onError: refused,
            })
          }
        >
          {t('crawls.retry')}
        </Button>
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('crawls.cancel.title')}
        description={t('crawls.cancel.body')}
        confirm={t('crawls.cancel.action')}
        busy={cancel.isPending}
        onConfirm={() => cancel.mutate(undefined, { onError: refused, onSettled: () => setAsking(false) })}
      />
    </div>
  );
}
