import { describe, expect, it } from 'vitest';
import { inOneList } from './pages';

describe('inOneList', () => {
  it('keeps the first of each, in order', () => {
    const page = (...items: [id: number, title: string][]) => ({ items: items.map(([id, title]) => ({ id, title })) });
    expect(inOneList([page([1, 'a'], [2, 'b']), page([2, 'later'], [3, 'c'])])).toEqual(page([1, 'a'], [2, 'b'], [3, 'c']).items);
    expect(inOneList([])).toEqual([]);
  });
});
