import type { QueryClient } from '@tanstack/react-query';
import type { AlertList } from '../alerts/queries';
import { noteLive } from '../alerts/unseen';
import { keys } from '../api/keys';
import type { Product } from '../api/types';
import { fetchProduct } from '../product/queries';
import { patched, prepended, replaceProduct, Versions } from './apply';
import { announce } from './bus';
import type { CrawlFinished, ListingChanged, LiveEvent, QuotaWarning, RaisedAlert } from './kinds';
import type { ServerEvent } from './stream';

/** News is gathered this long before details are fetched, in milliseconds. */
const GATHER = 800;
/** Up to this many changed products are fetched one by one; beyond it the list is fetched anew. */
const ONE_BY_ONE = 8;

const has = (data: unknown, ...names: string[]): data is Record<string, unknown> =>
  typeof data === 'object' && data !== null && names.every((name) => name in data);

/** A server event as one of ours; `null` for kinds this page does not know or odd data. */
export function read({ kind, data }: ServerEvent): LiveEvent | null {
  switch (kind) {
    case 'alert.raised':
      return has(data, 'id', 'product_id', 'kind') ? { kind, data: data as unknown as RaisedAlert } : null;
    case 'listing.changed':
      return has(data, 'product_id', 'version') ? { kind, data: data as unknown as ListingChanged } : null;
    case 'crawl.finished':
      return has(data, 'crawl_id', 'trigger', 'status', 'total', 'succeeded', 'failed', 'cancelled') ? { kind, data: data as unknown as CrawlFinished } : null;
    case 'quota.warning':
      return has(data, 'name', 'used', 'allowed', 'percent') ? { kind, data: data as unknown as QuotaWarning } : null;
    case 'tracking.created':
      return { kind, data };
    default:
      return null;
  }
}

/** Carries live events into the cached answers, from where every screen reads. */
export class Receiver {
  readonly #client: QueryClient;
  readonly #onAlert: (alert: RaisedAlert) => void;
  readonly #onCrawl: (crawl: CrawlFinished) => void;
  readonly #onQuota: (warning: QuotaWarning) => void;
  /** Crawls whose end was told: it may come twice. */
  readonly #finished = new Set<string>();
  readonly #versions = new Versions();
  #changed = new Set<Product['id']>();
  #listChanged = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    client: QueryClient,
    onAlert: (alert: RaisedAlert) => void,
    onCrawl: (crawl: CrawlFinished) => void = () => undefined,
    onQuota: (warning: QuotaWarning) => void = () => undefined,
  ) {
    this.#client = client;
    this.#onAlert = onAlert;
    this.#onCrawl = onCrawl;
    this.#onQuota = onQuota;
  }

  take(message: ServerEvent): void {
    const event = read(message);
    if (event === null) return;
    switch (event.kind) {
      case 'alert.raised':
        this.#alert(event.data);
        break;
      case 'listing.changed':
        if (!this.#versions.isNews(event.data.product_id, event.data.version)) return;
        this.#listing(event.data);
        break;
      case 'tracking.created':
        this.#listChanged = true;
        this.#schedule();
        break;
      case 'crawl.finished':
        this.#crawl(event.data);
        break;
      case 'quota.warning':
        void this.#client.invalidateQueries({ queryKey: keys.usage() });
        this.#onQuota(event.data);
        break;
    }
    announce(event);
  }

  /** Events were missed for a while: what is on the page is fetched again. */
  catchUp(): void {
    void this.#client.invalidateQueries();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #crawl(crawl: CrawlFinished): void {
    if (this.#finished.has(crawl.crawl_id)) return;
    this.#finished.add(crawl.crawl_id);
    void this.#client.invalidateQueries({ queryKey: keys.crawls() });
    void this.#client.invalidateQueries({ queryKey: keys.crawl(crawl.crawl_id) });
    this.#onCrawl(crawl);
  }

  #listing(news: ListingChanged): void {
    const id = news.product_id;
    const shown = replaceProduct(this.#client, id, (product) => patched(product, news));
    // A page whose first answer is still under way may get one from before the change.
    if (!shown && this.#client.getQueryState(keys.product(id)) === undefined) return;
    this.#changed.add(id);
    this.#schedule();
  }

  #alert(alert: RaisedAlert): void {
    const lists = alert.product_id == null ? [keys.alerts()] : [keys.alerts(), keys.alerts(alert.product_id)];
    for (const key of lists) {
      this.#client.setQueryData<AlertList>(key, (list) => prepended(list, alert));
    }
    if (alert.kind.startsWith('source_')) void this.#client.invalidateQueries({ queryKey: keys.sources() });
    if (alert.kind === 'new_listing') {
      void this.#client.invalidateQueries({ queryKey: keys.monitors() });
      this.#listChanged = true;
      this.#schedule();
    }
    noteLive(alert.id);
    this.#onAlert(alert);
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#fetchDetails();
    }, GATHER);
  }

  /** The event carries the main figures; change in percent and history come from the server. */
  async #fetchDetails(): Promise<void> {
    const ids = [...this.#changed];
    const listChanged = this.#listChanged;
    this.#changed.clear();
    this.#listChanged = false;
    for (const id of ids) void this.#client.invalidateQueries({ queryKey: keys.history(id) });
    const changed = new Set(ids.map(String));
    void this.#client.invalidateQueries({
      queryKey: keys.histories(),
      predicate: ({ queryKey }) => String(queryKey[1]).split(',').some((id) => changed.has(id)),
    });
    if (listChanged) {
      void this.#client.invalidateQueries({ queryKey: keys.facets() });
      void this.#client.invalidateQueries({ queryKey: keys.usage() });
    }
    if (listChanged || ids.length > ONE_BY_ONE) {
      void this.#client.invalidateQueries({ queryKey: keys.products() });
      for (const id of ids) void this.#client.invalidateQueries({ queryKey: keys.product(id) });
      return;
    }
    await Promise.allSettled(
      ids.map(async (id) => {
        const product = await fetchProduct(id);
        replaceProduct(this.#client, id, () => product);
      }),
    );
  }
}
