import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Product } from '../api/types';
import { RelativeTime } from '../format/RelativeTime';
import { useFormat } from '../format/useFormat';
import { classes } from '../ui/classes';
import { Picture } from '../ui/Picture';
import { Settle } from '../ui/Settle';
import { Skeleton } from '../ui/Skeleton';
import { PriceDelta, SourceBadge, StockBadge } from './Figures';

const frame =
  'relative flex flex-col overflow-hidden rounded-2xl border border-line bg-surface shadow-card transition-[box-shadow,border-color]';

/** One product in the grid. The whole card is the link; the figures settle when news arrives. */
export const ProductCard = memo(function ProductCard({
  product,
  picked,
  full = false,
  onPick,
}: {
  product: Product;
  /** Whether it is ticked; `undefined` while nothing is being chosen. */
  picked?: boolean | undefined;
  /** No more can be ticked. */
  full?: boolean;
  onPick: (id: Product['id']) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const price = product.price ?? null;
  const rank = product.rank ?? null;
  const seen = product.last_observed_at ?? null;
  return (
    <article
      className={classes(
        frame,
        'focus-within:border-line-strong hover:border-line-strong/60 hover:shadow-lift',
        picked === true && 'border-accent! ring-2 ring-accent',
        picked === false && full && 'opacity-60',
      )}
    >
      <div className="relative">
        <Picture src={product.image_url} alt="" className="aspect-[4/3] p-3" />
        <SourceBadge product={product} className="absolute top-2.5 left-2.5" />
        {picked !== undefined && (
          <label className="absolute z-10 top-2 right-2 flex size-8 cursor-pointer items-center justify-center rounded-lg bg-surface/90 ring-1 ring-line">
            <input
              type="checkbox"
              checked={picked}
              disabled={full && !picked}
              onChange={() => onPick(product.id)}
              aria-label={t('compare.pick', { name: product.title ?? product.external_id })}
              className="size-5 cursor-pointer accent-accent"
            />
          </label>
        )}
      </div>
      <div className="flex grow flex-col gap-2 p-3.5">
        <h2 className="line-clamp-2 min-h-10 text-sm leading-5 font-medium">
          <Link
            to={`/products/${product.id}`}
            // While one chooses, a click anywhere on the card ticks it.
            onClick={(event) => {
              if (picked === undefined) return;
              event.preventDefault();
              if (picked || !full) onPick(product.id);
            }}
            tabIndex={picked === undefined ? undefined : -1}
            className="outline-none after:absolute after:inset-0 after:rounded-2xl focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent">
            {product.title ?? product.external_id}
          </Link>
        </h2>
        <Settle
          value={`${price?.amount} ${price?.currency}`}
          className="-mx-1 flex min-h-7 flex-wrap items-center gap-x-2 gap-y-1 px-1"
        >
          {price === null ? (
            <span className="text-sm text-muted">{t(seen === null ? 'products.waiting' : 'products.noPrice')}</span>
          ) : (
            <span className="tabular text-lg font-semibold tracking-tight">{format.money(price)}</span>
          )}
          {price !== null && <PriceDelta percent={product.delta?.price_percent} />}
        </Settle>
        <div className="mt-auto flex flex-wrap items-center gap-x-2 gap-y-1.5">
          <StockBadge product={product} />
          {rank !== null && (
            <span className="tabular text-xs text-muted" title={product.rank_category ?? undefined}>
              {t('products.rankShort', { rank: format.number(rank) })}
            </span>
          )}
        </div>
        <p className="border-t border-line pt-2 text-xs text-muted">
          {seen === null ? (
            t('products.notYetSeen')
          ) : (
            <>
              {t('products.seen')} <RelativeTime at={seen} />
            </>
          )}
        </p>
      </div>
    </article>
  );
});

export function ProductCardSkeleton() {
  return (
    <div className={frame}>
      <Skeleton className="aspect-[4/3] rounded-none" />
      <div className="flex flex-col gap-3 p-3.5">
        <Skeleton className="h-4 w-full" />
        <Skeleton className="h-4 w-2/3" />
        <Skeleton className="h-6 w-24" />
        <Skeleton className="h-5 w-28 rounded-full" />
      </div>
    </div>
  );
}
