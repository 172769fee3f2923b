import { useTranslation } from 'react-i18next';
import type { Product } from '../api/types';
import { deltaOf, priceTone, rankTone } from '../format/delta';
import { useFormat } from '../format/useFormat';
import { useColourSense } from '../theme/useColourSense';
import { Badge } from '../ui/Badge';
import { classes } from '../ui/classes';
import { TONE_CLASS } from '../ui/tones';
import { useSourceName } from '../sources/queries';
import { stockOf } from './catalogue';

const chip = 'tabular inline-flex items-center gap-0.5 rounded-full px-2 py-0.5 text-xs font-semibold whitespace-nowrap';

/** How far the price moved: arrow, sign and, for those who cannot see it, the word. */
export function PriceDelta({ percent }: { percent: number | null | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const sense = useColourSense();
  const delta = deltaOf(percent);
  if (delta === null || delta.direction === 'same') return null;
  const words = t(delta.direction === 'down' ? 'products.cheaper' : 'products.dearer', {
    percent: format.percent(Math.abs(delta.percent)).replace('+', ''),
  });
  return (
    <span className={classes(chip, TONE_CLASS[priceTone(delta.direction, sense)])} title={words}>
      <span aria-hidden>
        {delta.arrow} {format.percent(delta.percent)}
      </span>
      <span className="sr-only">{words}</span>
    </span>
  );
}

/** How far the rank moved; a smaller number is the better rank, and the words say so. */
export function RankDelta({ percent }: { percent: number | null | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const delta = deltaOf(percent);
  if (delta === null || delta.direction === 'same') return null;
  const words = t(delta.direction === 'down' ? 'products.rankImproved' : 'products.rankWorsened', {
    percent: format.percent(Math.abs(delta.percent)).replace('+', ''),
  });
  return (
    <span className={classes(chip, TONE_CLASS[rankTone(delta.direction)])} title={words}>
      <span aria-hidden>
        {delta.arrow} {format.percent(delta.percent)}
      </span>
      <span className="sr-only">{words}</span>
    </span>
  );
}

export function StockBadge({ product }: { product: Pick<Product, 'availability' | 'in_stock' | 'stock_quantity'> }) {
  const { t } = useTranslation();
  const { state, tone } = stockOf(product);
  const quantity = product.stock_quantity ?? null;
  const few = state === 'in_stock' && quantity !== null && quantity > 0 && quantity <= 10;
  return (
    <Badge tone={few ? 'warn' : tone}>
      <span aria-hidden className="size-1.5 rounded-full bg-current" />
      {few ? t('products.onlyLeft', { count: quantity }) : t(`availability.${state}`)}
    </Badge>
  );
}

export function SourceBadge({ product, className }: { product: Pick<Product, 'source' | 'marketplace'>; className?: string }) {
  const format = useFormat();
  const sourceName = useSourceName();
  return (
    <Badge className={classes('bg-surface/90! text-ink! ring-1 ring-line backdrop-blur', className)} title={format.region(product.marketplace)}>
      {sourceName(product.source)}
      <span className="font-normal text-muted">{product.marketplace}</span>
    </Badge>
  );
}
