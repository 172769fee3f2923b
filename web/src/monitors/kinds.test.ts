import { describe, expect, it } from 'vitest';
import type { Monitor, Source } from '../api/types';
import { keywordsOf, needsTerm, suggestions } from './kinds';

describe('keywordsOf', () => {
  it('reads lines and commas of both scripts, each word once', () => {
    expect(keywordsOf('earbuds, Headphones\n耳机，耳機、earbuds\n\n')).toEqual(['earbuds', 'Headphones', '耳机', '耳機']);
  });
});

describe('needsTerm', () => {
  it('asks for words except where the source knows by itself', () => {
    expect(needsTerm('keyword')).toBe(true);
    expect(needsTerm('new_arrivals')).toBe(false);
    expect(needsTerm('a kind of tomorrow')).toBe(true);
  });
});

describe('suggestions', () => {
  const preset = { name: 'New arrivals', kind: 'new_arrivals', term: '', marketplace: 'US' };
  const source = { name: 'popmart', presets: [preset] } as unknown as Source;

  it('leaves out what the team has', () => {
    const own = { source: 'popmart', kind: 'new_arrivals', term: '', marketplace: 'US' } as Monitor;
    expect(suggestions([source], [], '')).toHaveLength(1);
    expect(suggestions([source], [own], '')).toEqual([]);
    expect(suggestions([source], [{ ...own, marketplace: 'GB' }], '')).toHaveLength(1);
    expect(suggestions([source], [], 'amazon')).toEqual([]);
  });
});
