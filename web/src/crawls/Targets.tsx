import { Check, CircleSlash, Clock, LoaderCircle, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Crawl, CrawlTarget, Product } from '../api/types';
import { RelativeTime } from '../format/RelativeTime';
import { useFormat } from '../format/useFormat';
import { useTroubleText } from '../product/outcomes';
import { useSourceName } from '../sources/queries';
import { Button } from '../ui/Button';
import { classes } from '../ui/classes';
import { ErrorNotice } from '../ui/Notice';
import { Picture } from '../ui/Picture';
import { Select } from '../ui/Select';
import { Skeleton } from '../ui/Skeleton';
import { useAddress } from '../ui/useAddress';
import { useProductsOf, useTargets } from './queries';
import { Searches } from './Searches';
import { isShown, SHOWN } from './words';

/** What became of each product. */
export function Targets({ crawl }: { crawl: Crawl }) {
  const { t } = useTranslation();
  const [params, change] = useAddress<'outcome'>();
  const asked = params.get('outcome') ?? '';
  const shown = isShown(asked) ? asked : '';
  const list = useTargets(crawl.id, shown);
  const pages = list.data?.pages ?? [];
  const products = useProductsOf(pages);
  const targets = pages.flatMap((page) => page.items);
  return (
    <>
      <Searches searches={pages[0]?.searches ?? []} />
      <section aria-labelledby="crawl-targets">
        <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
          <h2 id="crawl-targets" className="text-base font-semibold">
            {t('crawls.targets.title')}
          </h2>
          <Select
            label={t('crawls.targets.show')}
            value={shown}
            onChange={(event) => change({ outcome: event.target.value })}
            options={SHOWN.map((value) => ({ value, label: t(`crawls.targets.${value === '' ? 'all' : value}`) }))}
          />
        </div>
        {list.isPending ? (
          <div role="status" aria-label={t('common.loading')} className="divide-y divide-line rounded-2xl border border-line bg-surface">
            {Array.from({ length: 5 }, (_, index) => (
              <div key={index} className="flex items-center gap-3 px-5 py-3.5">
                <Skeleton className="size-10" />
                <Skeleton className="h-4 w-64 max-w-full" />
              </div>
            ))}
          </div>
        ) : list.isError && targets.length === 0 ? (
          <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
        ) : targets.length === 0 ? (
          <p className="rounded-2xl border border-dashed border-line px-6 py-10 text-center text-sm text-muted">
            {t('crawls.targets.none')}
          </p>
        ) : (
          <ul
            aria-busy={list.isPlaceholderData || undefined}
            className={classes(
              'divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface shadow-card transition-opacity',
              list.isPlaceholderData && 'opacity-60',
            )}
          >
            {targets.map((target) => (
              <TargetRow key={target.product_id} target={target} product={products.get(target.product_id)} />
            ))}
          </ul>
        )}
        {list.hasNextPage && (
          <div className="mt-5 flex justify-center">
            <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              {t('common.more')}
            </Button>
          </div>
        )}
      </section>
    </>
  );
}

function TargetRow({ target, product }: { target: CrawlTarget; product: Product | undefined }) {
  const { t } = useTranslation();
  const sourceName = useSourceName();
  const name = product?.title ?? product?.external_id ?? `#${target.product_id}`;
  return (
    <li className="flex items-start gap-3 px-4 py-3 sm:px-5">
      <Picture src={product?.image_url} alt="" className="size-10 shrink-0 rounded-lg" />
      <div className="grid min-w-0 grow gap-x-6 gap-y-1 md:grid-cols-[minmax(0,1fr)_minmax(0,22rem)]">
        <div className="min-w-0">
          <p className="truncate text-sm font-medium">
            {product === undefined ? (
              name
            ) : (
              <Link to={`/products/${product.id}`} title={name} className="underline-offset-4 hover:underline">
                {name}
              </Link>
            )}
          </p>
          <p className="text-[0.8125rem] text-muted">
            {sourceName(target.source)}
            {target.attempts > 1 && ` · ${t('crawls.targets.attempts', { count: target.attempts })}`}
          </p>
        </div>
        <Outcome target={target} />
      </div>
    </li>
  );
}

const ICON = 'mt-0.5 size-3.5 shrink-0';

function Outcome({ target }: { target: CrawlTarget }) {
  const { t } = useTranslation();
  const format = useFormat();
  const trouble = useTroubleText();
  const outcome = target.outcome ?? null;
  const ended = target.ended_at == null ? null : <RelativeTime at={target.ended_at} />;
  const reason = target.reason ?? '';
  if (outcome === null) {
    const again = target.attempts > 0 && !target.under_way;
    return (
      <Line
        tone="text-muted"
        icon={target.under_way ? <LoaderCircle aria-hidden className={`${ICON} animate-spin`} /> : <Clock aria-hidden className={ICON} />}
      >
        {target.under_way
          ? t('crawls.targets.underWay')
          : again && target.next_try_at != null
            ? t('crawls.targets.again', { time: format.clock(target.next_try_at) })
            : t('crawls.targets.waits')}
        {again && reason !== '' && <Reason>{reason}</Reason>}
      </Line>
    );
  }
  if (outcome === 'ok') {
    return (
      <Line tone="text-good" icon={<Check aria-hidden className={ICON} />}>
        {t('crawls.targets.ok')} <span className="text-muted">{ended}</span>
      </Line>
    );
  }
  if (outcome === 'cancelled' || outcome === 'untracked') {
    return (
      <Line tone="text-muted" icon={<CircleSlash aria-hidden className={ICON} />}>
        {t(`crawls.targets.${outcome === 'cancelled' ? 'wasCancelled' : 'untracked'}`)}
      </Line>
    );
  }
  return (
    <Line tone="text-bad" icon={<TriangleAlert aria-hidden className={ICON} />}>
      {trouble(outcome)} <span className="text-muted">{ended}</span>
      {reason !== '' && <Reason>{reason}</Reason>}
    </Line>
  );
}

function Line({ tone, icon, children }: { tone: string; icon: ReactNode; children: ReactNode }) {
  return (
    <p className={classes('flex min-w-0 items-start gap-1.5 text-[0.8125rem]', tone)}>
      {icon}
      <span className="min-w-0 wrap-break-word">{children}</span>
    </p>
  );
}

function Reason({ children }: { children: string }) {
  return <span className="block text-muted">{children}</span>;
}
