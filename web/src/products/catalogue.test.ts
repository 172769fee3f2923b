import { describe, expect, it } from 'vitest';
import { readTarget, stockOf } from './catalogue';

describe('readTarget', () => {
  it('takes addresses, also without their scheme', () => {
    expect(readTarget(' https://www.amazon.com/dp/B0D3V6Y38G ')).toEqual({
      kind: 'url',
      url: 'https://www.amazon.com/dp/B0D3V6Y38G',
    });
    expect(readTarget('www.popmart.com/us/products/2155')).toEqual({
      kind: 'url',
      url: 'https://www.popmart.com/us/products/2155',
    });
  });

  it('guesses the source of an id', () => {
    expect(readTarget('b0d3v6y38g')).toEqual({ kind: 'id', id: 'B0D3V6Y38G', source: 'amazon' });
    expect(readTarget('2155')).toEqual({ kind: 'id', id: '2155', source: 'popmart' });
    expect(readTarget('what is this')).toEqual({ kind: 'id', id: 'what is this', source: null });
  });
});

describe('stockOf', () => {
  it('lets the fresher in_stock decide between in and out', () => {
    expect(stockOf({ availability: 'in_stock', in_stock: false }).state).toBe('out_of_stock');
    expect(stockOf({ availability: 'out_of_stock', in_stock: true }).state).toBe('in_stock');
    expect(stockOf({ availability: 'pre_order', in_stock: false }).state).toBe('pre_order');
    expect(stockOf({ availability: 'unknown' }).state).toBe('unknown');
  });
});
