import type { Product } from '../api/types';

/** So many lines can still be told from one another. */
export const MOST = 6;

/** What can be compared, as the history names it. */
export const METRICS = ['price', 'rank', 'buy_box_price', 'list_price', 'rating', 'review_count', 'stock_quantity'] as const;

export type Metric = (typeof METRICS)[number];

export const isMetric = (value: string | null): value is Metric => (METRICS as readonly (string | null)[]).includes(value);

/** Figures of which a change in percent says something. */
export const isRelative = (metric: Metric): boolean => metric !== 'rating' && metric !== 'stock_quantity';

/** A smaller number is the better one. */
export const isUpsideDown = (metric: Metric): boolean => metric === 'rank';

/** The products named in an address: each once, no more than can be drawn. What is no id is left out. */
export function idsOf(text: string | null): Product['id'][] {
  const ids = (text ?? '')
    .split(',')
    .filter((part) => /^\d{1,15}$/.test(part))
    .map(Number);
  return [...new Set(ids)].slice(0, MOST);
}

/** Puts a product in, or takes it out. One more than can be drawn is not put in. */
export function toggled(ids: readonly Product['id'][], id: Product['id']): Product['id'][] {
  if (ids.includes(id)) return ids.filter((each) => each !== id);
  return ids.length < MOST ? [...ids, id] : [...ids];
}

export const addressOf = (ids: readonly Product['id'][]): string => `/compare?ids=${ids.join(',')}`;
