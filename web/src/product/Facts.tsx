import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Product } from '../api/types';
import { RelativeTime } from '../format/RelativeTime';
import { useFormat } from '../format/useFormat';
import { useSourceName } from '../sources/queries';
import { opened } from '../sources/words';
import { isStrategy } from '../track/strategies';
import { Badge } from '../ui/Badge';

const when = (at: string | null | undefined) => (at == null ? null : <RelativeTime at={at} />);

/** What is known of a product; what is not known is left out. */
export function Facts({ product }: { product: Product }) {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const strategy = product.strategy ?? null;
  const buyBox = product.buy_box ?? null;
  const flags = product.flags ?? {};
  const flagNames = (['new', 'limited', 'pre_order', 'blind_box'] as const).filter((name) => flags[name] === true);
  const facts: [string, ReactNode][] = [
    [t('products.source'), `${sourceName(product.source)} · ${format.region(product.marketplace)}`],
    [t('product.facts.id'), product.external_id],
    [t('product.facts.brand'), product.brand],
    [t('product.facts.series'), product.series],
    [t('product.facts.category'), product.category],
    [t('product.facts.listPrice'), product.list_price == null ? null : format.money(product.list_price)],
    [
      t('product.facts.buyBox'),
      buyBox === null || (buyBox.price == null && buyBox.seller == null)
        ? null
        : [buyBox.price == null ? null : format.money(buyBox.price), buyBox.seller].filter(Boolean).join(' · '),
    ],
    [
      t('product.facts.rating'),
      product.rating == null
        ? null
        : t('product.facts.ratingValue', {
            rating: format.number(product.rating),
            reviews:
              product.review_count == null
                ? ''
                : `(${t('product.facts.reviews', { count: product.review_count, shown: format.number(product.review_count) })})`,
          }).trim(),
    ],
    [t('product.facts.stock'), product.stock_quantity == null ? null : format.number(product.stock_quantity)],
    [
      t('product.facts.strategy'),
      strategy === null ? null : isStrategy(strategy) ? t(`track.strategy.${strategy}`) : opened(strategy),
    ],
    [t('product.facts.seen'), when(product.last_observed_at)],
    [t('product.facts.changed'), when(product.last_changed_at)],
  ];
  return (
    <section aria-labelledby="facts" className="rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-5">
      <h2 id="facts" className="mb-3 text-base font-semibold">
        {t('product.facts.title')}
      </h2>
      {flagNames.length > 0 && (
        <p className="mb-3 flex flex-wrap gap-1.5">
          {flagNames.map((name) => (
            <Badge key={name} tone="accent">
              {t(`product.flags.${name}`)}
            </Badge>
          ))}
        </p>
      )}
      <dl className="divide-y divide-line text-sm">
        {facts.map(
          ([label, value]) =>
            value !== null &&
            value !== undefined &&
            value !== '' && (
              <div key={label} className="flex items-baseline justify-between gap-4 py-2 first:pt-0 last:pb-0">
                <dt className="shrink-0 text-muted">{label}</dt>
                <dd className="tabular min-w-0 text-right wrap-break-word">{value}</dd>
              </div>
            ),
        )}
      </dl>
      {(product.ranks?.length ?? 0) > 1 && (
        <>
          <h3 className="mt-4 mb-1 text-[0.8125rem] font-medium text-muted">{t('product.facts.ranks')}</h3>
          <ul className="tabular space-y-1 text-sm">
            {product.ranks.map((entry) => (
              <li key={entry.category} className="flex justify-between gap-4">
                <span className="truncate" title={entry.category}>
                  {entry.category}
                </span>
                <span>#{format.number(entry.rank)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
