import type { Availability, Product } from '../api/types';
import type { BadgeTone } from '../ui/Badge';

/** Offered lengths between two looks, in seconds. */
export const INTERVALS = [300, 900, 3_600, 21_600, 43_200, 86_400] as const;

/** Orders the server knows; `-` is descending. */
export const SORTS = [
  'relevance',
  '-created_at',
  '-last_changed_at',
  '-popularity',
  'price_change',
  '-price_change',
  'price',
  '-price',
  'rank',
  '-rating',
  '-review_count',
  'title',
] as const;

export type Sort = (typeof SORTS)[number];

/** The order without a choice: what fits the words best, or else what came last. */
export const defaultSort = (words: string): Sort => (words === '' ? '-created_at' : 'relevance');

export const isSort = (value: string): value is Sort => (SORTS as readonly string[]).includes(value);

/** What a person typed to track: a page's address, or a bare id and the source it looks like, which is a guess. */
export type Target = { kind: 'url'; url: string } | { kind: 'id'; id: string; source: string | null };

export function readTarget(text: string): Target {
  const value = text.trim();
  if (/^https?:\/\//i.test(value)) return { kind: 'url', url: value };
  // "www.amazon.com/dp/…" copied without its scheme.
  if (/^[\w-]+(\.[\w-]+)+\/\S*$/.test(value)) return { kind: 'url', url: `https://${value}` };
  const asin = /^[A-Za-z0-9]{10}$/.test(value) && /[A-Za-z]/.test(value);
  const number = /^\d{1,12}$/.test(value) || /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(value);
  return { kind: 'id', id: asin ? value.toUpperCase() : value, source: asin ? 'amazon' : number ? 'popmart' : null };
}

const STOCK_TONES: Record<Availability, BadgeTone> = {
  in_stock: 'good',
  out_of_stock: 'bad',
  pre_order: 'accent',
  coming_soon: 'accent',
  discontinued: 'plain',
  not_found: 'warn',
  unknown: 'plain',
};

export const isAvailability = (value: string): value is Availability => Object.hasOwn(STOCK_TONES, value);

/**
 * The state of a product's stock. `in_stock` is fresher where a live event brought it: it has the
 * last word between "in" and "out"; the finer states come from `availability`.
 */
export function stockOf(product: Pick<Product, 'availability' | 'in_stock'>): { state: Availability; tone: BadgeTone } {
  let state = product.availability;
  if (product.in_stock === true && (state === 'out_of_stock' || state === 'unknown')) state = 'in_stock';
  if (product.in_stock === false && state === 'in_stock') state = 'out_of_stock';
  return { state, tone: STOCK_TONES[state] ?? 'plain' };
}
