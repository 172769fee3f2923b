import type { Alert, Product } from '../api/types';

/** What the event stream says; each kind with the data it carries. */
export type LiveEvent =
  | { kind: 'alert.raised'; data: RaisedAlert }
  | { kind: 'listing.changed'; data: ListingChanged }
  | { kind: 'crawl.finished'; data: CrawlFinished }
  | { kind: 'quota.warning'; data: QuotaWarning }
  | { kind: 'tracking.created'; data: unknown };

/** As the list shows it. */
export type RaisedAlert = Alert;

/** Carries state: the highest version is the truth, whatever the order of arrival. */
export interface ListingChanged extends Pick<Product, 'price' | 'in_stock' | 'rank' | 'last_observed_at'> {
  product_id: Product['id'];
  version: number;
}

export interface CrawlFinished {
  crawl_id: string;
  trigger: string;
  status: string;
  total: number;
  succeeded: number;
  failed: number;
  cancelled: number;
}

/** A limit of the plan is nearly used up, or is. */
export interface QuotaWarning {
  name: string;
  used: number;
  allowed: number;
  percent: number;
}
