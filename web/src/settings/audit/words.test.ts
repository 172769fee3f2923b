import { describe, expect, it } from 'vitest';
import { detailsOf, knownActor, knownOutcome } from './words';

describe('details of an entry', () => {
  it('are shown only where there are any', () => {
    expect(detailsOf(null)).toBeNull();
    expect(detailsOf({})).toBeNull();
    expect(detailsOf({ role: 'admin' })).toBe('{\n  "role": "admin"\n}');
  });
});

describe('words that are newer than the page', () => {
  it('are known as such', () => {
    expect([knownActor('api_key'), knownActor('robot')]).toEqual(['api_key', null]);
    expect([knownOutcome('refused'), knownOutcome('toString')]).toEqual(['refused', null]);
  });
});
