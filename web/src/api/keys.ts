import type { Product, ProductQuery } from './types';

/** The names of cached answers, in one place, so that live events find what they change. */
export const keys = {
  products: (query?: ProductQuery) => (query === undefined ? (['products'] as const) : (['products', query] as const)),
  product: (id: Product['id']) => ['product', String(id)] as const,
  history: (id: Product['id'], range?: string) =>
    range === undefined ? (['history', String(id)] as const) : (['history', String(id), range] as const),
  /** All alerts, or those of one product. */
  alerts: (productId?: Product['id']) => ['alerts', productId === undefined ? 'all' : String(productId)] as const,
  sources: () => ['sources'] as const,
  credential: (source: string) => ['credential', source] as const,
  /** All monitors, or those of one source. */
  monitors: (source?: string) => (source === undefined ? (['monitors'] as const) : (['monitors', source] as const)),
  monitor: (id: string) => ['monitor', id] as const,
  scheduler: () => ['scheduler'] as const,
  /** A whole round, by its crawl. */
  round: (id: string) => ['round', id] as const,
  categories: () => ['categories'] as const,
  quality: (productId: Product['id']) => ['quality', String(productId)] as const,
  tracking: (productId: Product['id']) => ['tracking', String(productId)] as const,
};
