import { describe, expect, it } from 'vitest';
import { addressesOf, badAddress, EMPTY, isAddress, keyOf, stateOf } from './draft';

describe('addressesOf', () => {
  it('takes lines, commas and Chinese commas, each address once', () => {
    expect(addressesOf('10.0.0.1\n10.0.0.2, 10.0.0.1，2001:db8::/32 ')).toEqual(['10.0.0.1', '10.0.0.2', '2001:db8::/32']);
    expect(addressesOf('  ')).toEqual([]);
  });
});

describe('isAddress', () => {
  it('takes addresses and ranges of both kinds', () => {
    for (const good of ['203.0.113.7', '10.0.0.0/8', '::1', '2001:db8::/32', '::ffff:192.0.2.1']) expect([good, isAddress(good)]).toEqual([good, true]);
    for (const bad of ['10.0.0', '10.0.0.256', '10.0.0.0/33', '10.0.0.0/8/8', '2001:db8::/129', 'example.com', ':::', '1:2:3', '10.0.0.0/']) {
      expect([bad, isAddress(bad)]).toEqual([bad, false]);
    }
    expect(badAddress('10.0.0.1, office')).toBe('office');
    expect(badAddress('')).toBeNull();
  });
});

describe('keyOf', () => {
  const now = Date.parse('2026-03-01T00:00:00Z');

  it('asks for what was chosen and nothing else', () => {
    expect(keyOf({ ...EMPTY, name: ' nightly ' }, now)).toEqual({ name: 'nightly', scopes: ['read'], expires_at: '2026-05-30T00:00:00.000Z' });
    expect(keyOf({ name: 'x', scopes: ['crawl', 'read'], life: '', addresses: '10.0.0.0/8' }, now)).toEqual({
      name: 'x',
      scopes: ['read', 'crawl'],
      allowed_addresses: ['10.0.0.0/8'],
    });
  });
});

describe('stateOf', () => {
  const now = Date.parse('2026-03-01T00:00:00Z');

  it('tells what comes to its end', () => {
    expect(stateOf({}, now)).toBe('active');
    expect(stateOf({ expires_at: '2026-03-05T00:00:00Z' }, now)).toBe('expiring');
    expect(stateOf({ expires_at: '2026-03-02T00:00:00Z', rotated_to: 'k' }, now)).toBe('replaced');
    expect(stateOf({ expires_at: '2026-02-01T00:00:00Z', rotated_to: 'k' }, now)).toBe('expired');
  });
});
