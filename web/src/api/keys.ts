import type { AuditQuery, CrawlQuery, FacetQuery, Product, ProductQuery, SyncLog, SyncQuery } from './types';

/** The names of cached answers, in one place, so that live events find what they change. */
export const keys = {
  products: (query?: ProductQuery) => (query === undefined ? (['products'] as const) : (['products', query] as const)),
  /** How many products each filter would leave: all such counts, or those of one list. */
  facets: (query?: FacetQuery) => (query === undefined ? (['facets'] as const) : (['facets', query] as const)),
  product: (id: Product['id']) => ['product', String(id)] as const,
  history: (id: Product['id'], range?: string) =>
    range === undefined ? (['history', String(id)] as const) : (['history', String(id), range] as const),
  /** Several products' histories, by ids with commas between them; all of them, or one. */
  histories: (ids?: string, metric?: string, range?: string) =>
    ids === undefined ? (['histories'] as const) : (['histories', ids, metric, range] as const),
  /** All lists of rules, or those of one tracking. */
  rules: (trackingId?: string) => (trackingId === undefined ? (['rules'] as const) : (['rules', trackingId] as const)),
  rule: (id: string) => ['rule', id] as const,
  /** A tracking by its own id. */
  trackingOf: (id: string) => ['tracking-of', id] as const,
  /** Products that have some words, to choose one from. */
  productChoice: (words: string) => ['product-choice', words] as const,
  /** All alerts, or those of one product. */
  alerts: (productId?: Product['id']) => ['alerts', productId === undefined ? 'all' : String(productId)] as const,
  /** The team and its plan. */
  tenant: () => ['tenant'] as const,
  profile: () => ['profile'] as const,
  /** The teams that the person belongs to. */
  memberships: () => ['memberships'] as const,
  sessions: () => ['sessions'] as const,
  members: () => ['members'] as const,
  invitations: () => ['invitations'] as const,
  apiKeys: () => ['api-keys'] as const,
  /** How much of the plan is used. */
  usage: () => ['usage'] as const,
  exports: () => ['exports'] as const,
  auditLog: (query: AuditQuery) => ['audit-log', query] as const,
  sources: () => ['sources'] as const,
  credential: (source: string) => ['credential', source] as const,
  /** All monitors, or those of one source. */
  monitors: (source?: string) => (source === undefined ? (['monitors'] as const) : (['monitors', source] as const)),
  monitor: (id: string) => ['monitor', id] as const,
  /** All logs, or those of one filter. */
  syncLogs: (query?: SyncQuery) => (query === undefined ? (['syncLogs'] as const) : (['syncLogs', query] as const)),
  syncLog: (id: SyncLog['id']) => ['syncLog', id] as const,
  scheduler: () => ['scheduler'] as const,
  /** A whole round, by its crawl. */
  round: (id: string) => ['round', id] as const,
  categories: () => ['categories'] as const,
  statistics: (productId: Product['id']) => ['statistics', String(productId)] as const,
  /** All lists of crawls, or one of them. */
  crawls: (query?: CrawlQuery) => (query === undefined ? (['crawls'] as const) : (['crawls', query] as const)),
  crawl: (id: string) => ['crawl', id] as const,
  /** Products by their ids. Apart from `products`: what stands there are lists of pages, which live events patch. */
  productsOf: (ids: string) => ['products-of', ids] as const,
  /** The targets of a crawl, all choices of them or one. */
  crawlTargets: (id: string, shown?: string) =>
    shown === undefined ? (['crawl-targets', id] as const) : (['crawl-targets', id, shown] as const),
  quality: (productId: Product['id']) => ['quality', String(productId)] as const,
  tracking: (productId: Product['id']) => ['tracking', String(productId)] as const,
};
