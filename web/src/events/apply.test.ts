import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';
import { keys } from '../api/keys';
import type { Alert, Product } from '../api/types';
import { patched, prepended, replaceProduct, Versions } from './apply';

const product = (id: number): Product => ({
  id,
  source: 'amazon',
  marketplace: 'US',
  external_id: `B0${id}`,
  images: [],
  features: [],
  attributes: {},
  flags: { new: false, limited: false, pre_order: false, blind_box: false },
  ranks: [],
  availability: 'in_stock',
  delta: {},
  price: { amount: '20.00', currency: 'USD' },
  rank: 5,
  buy_box: {},
  url: 'https://www.amazon.com/dp/B0D3V6Y38G',
  version: 1,
});

const alert = (id: string): Alert => ({
  id,
  product_id: 1,
  kind: 'price',
  severity: 'warning',
  occurred_at: '2026-03-01T12:00:00Z',
  superseded: false,
  before: null,
  after: null,
  tracking_id: 't',
  rule_id: 'r',
  percent: -20,
});

describe('Versions', () => {
  it('takes news in any order, once', () => {
    const versions = new Versions();
    expect(versions.isNews(1, 3)).toBe(true);
    expect(versions.isNews(1, 3)).toBe(false);
    expect(versions.isNews(1, 2)).toBe(false);
    expect(versions.isNews(2, 1)).toBe(true);
    expect(versions.isNews(1, 4)).toBe(true);
  });
});

describe('replaceProduct', () => {
  it('changes a product in every list and on its page', () => {
    const client = new QueryClient();
    const list = { pages: [{ items: [product(1), product(2)] }], pageParams: [null] };
    client.setQueryData(keys.products({}), list);
    client.setQueryData(keys.product(1), product(1));
    const price = { amount: '16.00', currency: 'USD' };
    const news = { product_id: 1, version: 2, price, in_stock: false, rank: null, last_observed_at: null };

    expect(replaceProduct(client, 1, (old) => patched(old, news))).toBe(true);
    expect(client.getQueryData<typeof list>(keys.products({}))?.pages[0]?.items.map((item) => item.price)).toEqual([
      price,
      { amount: '20.00', currency: 'USD' },
    ]);
    expect(client.getQueryData<Product>(keys.product(1))).toMatchObject({ price, in_stock: false, rank: null });
  });

  it('says when a product is not on the page', () => {
    expect(replaceProduct(new QueryClient(), 9, (old) => old)).toBe(false);
  });
});

describe('prepended', () => {
  it('adds an alert once, at the top', () => {
    const list = { pages: [{ items: [alert('a')] }, { items: [alert('z')] }], pageParams: [null, 'c'] };
    const more = prepended(list, alert('b'));
    expect(more?.pages[0]?.items.map((item) => item.id)).toEqual(['b', 'a']);
    expect(prepended(more, alert('z'))).toBe(more);
    expect(prepended(undefined, alert('b'))).toBeUndefined();
  });
});
