import { useTranslation } from 'react-i18next';
import type { FoundProduct } from '../api/types';
import { useFormat } from '../format/useFormat';
import { Badge } from '../ui/Badge';
import { isAvailability, stockOf } from '../products/catalogue';

/** The price of something that was just found; "no offer" and "not told" are two things. */
export function FoundPrice({ product }: { product: FoundProduct }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (product.price == null) {
    return (
      <span className="text-sm text-muted">{t(product.offer === 'none' ? 'products.noPrice' : 'track.priceNotTold')}</span>
    );
  }
  const before = product.list_price ?? null;
  return (
    <span className="tabular inline-flex flex-wrap items-baseline gap-x-2 font-semibold">
      {format.money(product.price)}
      {before !== null && before.amount !== product.price.amount && (
        <s className="text-[0.8125rem] font-normal text-muted">{format.money(before)}</s>
      )}
    </span>
  );
}

export function FoundStock({ product }: { product: FoundProduct }) {
  const { t } = useTranslation();
  const availability = isAvailability(product.availability) ? product.availability : 'unknown';
  const { state, tone } = stockOf({ availability, in_stock: product.in_stock ?? null });
  return (
    <Badge tone={tone}>
      <span aria-hidden className="size-1.5 rounded-full bg-current" />
      {t(`availability.${state}`)}
    </Badge>
  );
}
