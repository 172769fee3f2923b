import { describe, expect, it } from 'vitest';
import { detailsOf, knownActor, knownOutcome, subjectOf } from './words';

describe('details of an entry', () => {
  it('are shown only where there are any', () => {
    expect(detailsOf(null)).toBeNull();
    expect(detailsOf({})).toBeNull();
    expect(detailsOf({ role: 'admin' })).toBe('{\n  "role": "admin"\n}');
  });

  it('name what it was about', () => {
    expect(subjectOf({ subject: { kind: 'tracking', id: '7' } })).toBe('tracking 7');
    expect(subjectOf({ subject: { kind: 'alert_rule' } })).toBe('alert rule');
  });
});

describe('words that are newer than the page', () => {
  it('are known as such', () => {
    expect([knownActor('api_key'), knownActor('robot')]).toEqual(['api_key', null]);
    expect([knownOutcome('refused'), knownOutcome('toString')]).toEqual(['refused', null]);
  });
});
