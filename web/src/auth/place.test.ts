import { describe, expect, it } from 'vitest';
import { baseBehind, baseOf, handoffAddress, slugIn } from './place';

describe('baseOf', () => {
  it('finds what is behind the team in its own address', () => {
    expect(baseOf('acme.localhost:8080', 'acme')).toBe('localhost:8080');
    expect(baseOf('acme.watch.example.com', 'acme')).toBe('watch.example.com');
    expect(baseOf('Acme.example.com', 'acme')).toBe('example.com');
  });

  it('finds nothing at an address that all teams share', () => {
    expect(baseOf('localhost:8080', 'acme')).toBeNull();
    expect(baseOf('watch.example.com', 'acme')).toBeNull();
    // Hosts that only look like it.
    expect(baseOf('10.0.0.1:8080', '10')).toBeNull();
    expect(baseOf('watch.com', 'watch')).toBeNull();
    expect(baseOf('acmetoys.example.com', 'acme')).toBeNull();
  });
});

describe('handoffAddress', () => {
  it('keeps the code behind the hash', () => {
    expect(handoffAddress('http:', 'localhost:8080', 'beta', 'a/b')).toBe('http://beta.localhost:8080/handoff#code=a%2Fb');
  });
});

describe('slugIn', () => {
  it('offers the team that the host names', () => {
    expect(slugIn('acme.localhost')).toBe('acme');
    expect(slugIn('acme.example.com')).toBe('acme');
  });

  it('makes no team of a host that all share', () => {
    expect(['localhost', 'example.com', 'www.example.com', '10.0.0.1', 'intranet'].map(slugIn)).toEqual(['', '', '', '', '']);
  });
});

describe('baseBehind', () => {
  it('is what all teams share', () => {
    expect(baseBehind('acme.localhost:8080')).toBe('localhost:8080');
    expect(baseBehind('acme.watch.example.com')).toBe('watch.example.com');
    expect(['localhost:8080', 'example.com', '10.0.0.1:8080'].map(baseBehind)).toEqual([null, null, null]);
  });
});
