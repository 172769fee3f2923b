import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, ExternalLink } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { Product, ProductDetails } from '../api/types';
import { useFormat } from '../format/useFormat';
import { PriceDelta, RankDelta, SourceBadge, StockBadge } from '../products/Figures';
import { ProductRules } from '../rules/ProductRules';
import { useSourceName } from '../sources/queries';
import { buttonClass } from '../ui/Button';
import { ErrorNotice } from '../ui/Notice';
import { Picture } from '../ui/Picture';
import { Settle } from '../ui/Settle';
import { Skeleton } from '../ui/Skeleton';
import { useTitle } from '../ui/useTitle';
import { Attributes } from './Attributes';
import { Facts } from './Facts';
import { Description } from './Description';
import { HistorySection } from './HistorySection';
import { ProductAlerts } from './ProductAlerts';
import { QualitySection } from './QualitySection';
import { useTroubleText } from './outcomes';
import { productQuery, useTracking } from './queries';
import { RefreshButton } from './RefreshButton';
import { StatisticsSection } from './statistics/StatisticsSection';
import { TrackingSettings } from './TrackingSettings';

/** The path's id as the API takes it. Something else asks for a product that cannot exist: a 404. */
const idFrom = (text: string | undefined): Product['id'] => {
  const id = Number(text);
  return Number.isSafeInteger(id) && id >= 0 ? id : 0;
};

export function ProductPage() {
  const { t } = useTranslation();
  const id = idFrom(useParams()['id']);
  const { data: product, error, isPending, refetch } = useQuery(productQuery(id));
  useTitle(product?.title);

  return (
    <>
      <Link to="/" className="mb-4 inline-flex items-center gap-1.5 rounded-md text-sm text-muted hover:text-ink">
        <ArrowLeft aria-hidden className="size-4" />
        {t('shell.products')}
      </Link>
      {product !== undefined ? (
        <Details key={String(product.id)} product={product} />
      ) : isPending ? (
        <Loading />
      ) : (
        <ErrorNotice error={error} onRetry={() => void refetch()} />
      )}
    </>
  );
}

function Details({ product }: { product: ProductDetails }) {
  const { t } = useTranslation();
  const sourceName = useSourceName();
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[19rem_minmax(0,1fr)] lg:gap-6">
      <div className="flex min-w-0 flex-col gap-4 max-lg:contents">
        <Picture
          src={product.images?.[0] ?? product.image_url}
          alt={product.title ?? ''}
          eager
          className="aspect-square w-full rounded-2xl border border-line p-6 max-lg:order-1 max-lg:mx-auto max-lg:max-h-72"
        />
        <div className="flex flex-col gap-4 max-lg:order-4">
          <Facts product={product} />
          <TrackingSettings product={product} />
          <QualitySection product={product} />
        </div>
      </div>
      <div className="flex min-w-0 flex-col gap-4 max-lg:contents">
        <header className="max-lg:order-2">
          <div className="flex flex-wrap items-center gap-2">
            <SourceBadge product={product} />
            <StockBadge product={product} />
          </div>
          <h1 className="mt-2.5 text-xl leading-snug font-semibold tracking-tight text-pretty sm:text-2xl">
            {product.title ?? product.external_id}
          </h1>
          <div className="mt-3 flex flex-wrap items-start justify-between gap-4">
            <Headline product={product} />
            <RefreshButton product={product}>
              {product.url != null && /^https?:/.test(product.url) && (
                <a href={product.url} target="_blank" rel="noreferrer noopener" className={buttonClass('quiet')}>
                  {t('product.open', { source: sourceName(product.source) })}
                  <ExternalLink aria-hidden className="size-4" />
                </a>
              )}
            </RefreshButton>
          </div>
        </header>
        <div className="flex min-w-0 flex-col gap-4 max-lg:order-3">
          <StatisticsSection product={product} />
          <HistorySection product={product} />
          <ProductAlerts product={product} />
          <ProductRules product={product} />
          <Description product={product} />
          <Attributes product={product} />
        </div>
      </div>
    </div>
  );
}

function Headline({ product }: { product: Product }) {
  const { t } = useTranslation();
  const format = useFormat();
  const price = product.price ?? null;
  const rank = product.rank ?? null;
  const trouble = useTroubleText();
  const tracking = useTracking(product);
  return (
    <div className="flex flex-wrap items-center gap-x-6 gap-y-3">
      <Settle value={price?.amount ?? ''} className="-mx-2 px-2">
        <p className="flex flex-wrap items-center gap-2.5">
          {price === null ? (
            <span className="text-lg text-muted">
              {product.last_observed_at != null
                ? t('products.noPrice')
                : (trouble(tracking.data?.last_outcome) ?? t('products.waiting'))}
            </span>
          ) : (
            <span className="tabular text-3xl font-semibold tracking-tight">{format.money(price)}</span>
          )}
          {price !== null && <PriceDelta percent={product.delta?.price_percent} />}
        </p>
      </Settle>
      {rank !== null && (
        <div>
          <p className="flex items-center gap-2">
            <span className="tabular text-lg font-semibold">#{format.number(rank)}</span>
            <RankDelta percent={product.delta?.rank_percent} />
          </p>
          <p className="max-w-64 truncate text-xs text-muted" title={product.rank_category ?? undefined}>
            {product.rank_category ?? t('product.rank')}
          </p>
        </div>
      )}
    </div>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t('common.loading')} className="grid gap-6 lg:grid-cols-[19rem_minmax(0,1fr)]">
      <Skeleton className="aspect-square rounded-2xl max-lg:max-h-72" />
      <div className="space-y-4">
        <Skeleton className="h-5 w-40 rounded-full" />
        <Skeleton className="h-8 w-4/5" />
        <Skeleton className="h-9 w-36" />
        <Skeleton className="h-112 rounded-2xl" />
      </div>
    </div>
  );
}
