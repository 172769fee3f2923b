import { describe, expect, it } from 'vitest';
import type { Facets } from '../api/types';
import { choicesOf, chosenOf, countChosen, narrowed } from './facets';
import { facetQueryOf, filtersOf, isFiltering, queryOf } from './filters';

const filters = (address: string) => filtersOf(new URLSearchParams(address));

describe('filters', () => {
  it('ask for nothing without a choice, and only for what is known', () => {
    expect(queryOf(filters(''))).toEqual({});
    expect(queryOf(filters('type=huge&stock=maybe&sort=colour'))).toEqual({});
    expect(isFiltering(filters('sort=title'))).toBe(false);
    expect(isFiltering(filters('tag=gift'))).toBe(true);
  });

  it('are what the server reads', () => {
    const asked = filters('q=lamp&brand=Loop&stock=out&type=limited&sort=-popularity');
    expect(facetQueryOf(asked)).toEqual({ q: 'lamp', brand: 'Loop', in_stock: false, type: 'limited' });
    expect(queryOf(asked)).toMatchObject({ sort: '-popularity' });
  });

  it('order by what fits only where there are words', () => {
    expect(queryOf(filters('sort=relevance'))).toEqual({});
    expect(queryOf(filters('q=lamp&sort=relevance'))).toEqual({ q: 'lamp' });
    expect(queryOf(filters('q=lamp&sort=-created_at'))).toEqual({ q: 'lamp', sort: '-created_at' });
  });
});

describe('facets', () => {
  const answer = { facets: { brand: { values: [{ value: 'Loop', count: 3 }], others: 0 } } } as unknown as Facets;

  it('narrow and widen again', () => {
    expect(narrowed('in_stock', 'false')).toEqual({ stock: 'out' });
    expect(chosenOf(filters('stock=out'), 'in_stock')).toBe('false');
    expect(narrowed('in_stock', '')).toEqual({ stock: '' });
    expect(narrowed('type', 'limited')).toEqual({ type: 'limited' });
    expect(narrowed('brand', 'Loop')).toEqual({ brand: 'Loop' });
    expect(countChosen(filters('brand=Loop&stock=in&q=x'))).toBe(2);
  });

  it('offer no choice of one, but keep what is chosen', () => {
    expect(choicesOf(answer, 'brand', '', [])).toEqual([]);
    expect(choicesOf(answer, 'brand', 'Loop', [])).toEqual([{ value: 'Loop', count: 3 }]);
    expect(choicesOf(answer, 'brand', 'Gone', [])).toEqual([
      { value: 'Gone', count: null },
      { value: 'Loop', count: 3 },
    ]);
    expect(choicesOf(undefined, 'source', '', ['amazon', 'web'])).toHaveLength(2);
  });
});
