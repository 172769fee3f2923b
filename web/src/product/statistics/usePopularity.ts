import { useTranslation } from 'react-i18next';
import type { Product } from '../../api/types';
import { useFormat } from '../../format/useFormat';

/** How popular a product is among its like, in a sentence; `null` where that is not known. */
export function usePopularity(): (product: Product) => string | null {
  const { t } = useTranslation();
  const format = useFormat();
  return ({ popularity }) => {
    if (popularity == null) return null;
    const { score, category, rank_percentile: ranked, reviews_per_day: daily, confidence } = popularity;
    const parts = [
      t('product.popularity.score', { score: format.number(score), category }),
      ranked == null ? null : t('product.popularity.ranked', { percent: format.share(ranked) }),
      daily == null ? null : t('product.popularity.reviews', { shown: format.number(daily) }),
      confidence === 'low' ? t('product.popularity.low') : null,
    ].filter((part) => part !== null);
    return t('product.popularity.sentence', { text: parts.join(t('product.popularity.join')) });
  };
}
