import type { Alert, Product } from '../api/types';

/** What the event stream says; each kind with the data it carries. */
export type LiveEvent =
  | { kind: 'alert.raised'; data: RaisedAlert }
  | { kind: 'listing.changed'; data: ListingChanged }
  | { kind: 'crawl.finished'; data: CrawlFinished }
  | { kind: 'tracking.created'; data: unknown };

/** The product an alert is about, as far as a line of text needs it. */
export interface AlertProduct {
  id: Product['id'];
  title?: string | null;
  image_url?: string | null;
}

export type RaisedAlert = Alert & { product?: AlertProduct | null };

/** Carries state: the highest version is the truth, whatever the order of arrival. */
export interface ListingChanged extends Pick<Product, 'price' | 'in_stock' | 'rank' | 'last_observed_at'> {
  product_id: Product['id'];
  version: number;
}

export interface CrawlFinished {
  crawl_id: string;
  status: string;
}
