import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { Product, ProductPage } from '../api/types';
import { keys } from '../api/keys';
import type { AlertList } from '../alerts/queries';
import type { ListingChanged, RaisedAlert } from './kinds';

/** Keeps the highest version seen of each listing: older news changes nothing. */
export class Versions {
  #seen = new Map<string, number>();

  isNews(productId: Product['id'], version: number): boolean {
    const key = String(productId);
    if (version <= (this.#seen.get(key) ?? -1)) return false;
    this.#seen.set(key, version);
    return true;
  }
}

/** Puts new figures into a product; what the news does not know keeps its value. */
export function patched(product: Product, news: ListingChanged): Product {
  return {
    ...product,
    ...('price' in news ? { price: news.price } : {}),
    ...('in_stock' in news ? { in_stock: news.in_stock } : {}),
    ...('rank' in news ? { rank: news.rank } : {}),
    ...('last_observed_at' in news ? { last_observed_at: news.last_observed_at } : {}),
  };
}

function replaceInPages(
  data: InfiniteData<ProductPage> | undefined,
  id: Product['id'],
  replace: (product: Product) => Product,
): InfiniteData<ProductPage> | undefined {
  if (data === undefined || !data.pages.some((page) => page.items.some((item) => sameId(item.id, id)))) return data;
  return {
    ...data,
    pages: data.pages.map((page) => ({
      ...page,
      items: page.items.map((item) => (sameId(item.id, id) ? replace(item) : item)),
    })),
  };
}

const sameId = (a: Product['id'], b: Product['id']) => String(a) === String(b);

/** Replaces one product wherever it is shown. Tells whether it is shown anywhere. */
export function replaceProduct(client: QueryClient, id: Product['id'], replace: (product: Product) => Product): boolean {
  let shown = false;
  client.setQueriesData<InfiniteData<ProductPage>>({ queryKey: keys.products() }, (data) => {
    const next = replaceInPages(data, id, replace);
    shown ||= next !== data;
    return next;
  });
  client.setQueryData<Product>(keys.product(id), (product) => {
    if (product === undefined) return undefined;
    shown = true;
    return replace(product);
  });
  return shown;
}

/** Puts an alert at the top of a list unless it is there already: an event may come twice. */
export function prepended(list: AlertList | undefined, alert: RaisedAlert): AlertList | undefined {
  const [first, ...rest] = list?.pages ?? [];
  if (list === undefined || first === undefined) return list;
  if (list.pages.some((page) => page.items.some((item) => item.id === alert.id))) return list;
  return { ...list, pages: [{ ...first, items: [alert, ...first.items] }, ...rest] };
}
