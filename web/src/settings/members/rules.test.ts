import { describe, expect, it } from 'vitest';
import { givable, isGrave, isLastOwner, mayChange } from './rules';

describe('givable', () => {
  it('lets only owners make owners', () => {
    expect(givable('owner')).toContain('owner');
    expect(givable('admin')).toEqual(['admin', 'member', 'viewer']);
    expect(givable('member')).toEqual([]);
    expect(givable(null)).toEqual([]);
  });
});

describe('mayChange', () => {
  it('keeps owners out of reach of administrators', () => {
    expect(mayChange('admin', 'owner')).toBe(false);
    expect(mayChange('admin', 'admin')).toBe(true);
    expect(mayChange('owner', 'owner')).toBe(true);
    expect(mayChange('viewer', 'viewer')).toBe(false);
  });
});

describe('isGrave', () => {
  it('is whatever makes or unmakes an owner, or touches oneself', () => {
    expect(isGrave('admin', 'owner', false)).toBe(true);
    expect(isGrave('owner', 'viewer', false)).toBe(true);
    expect(isGrave('admin', 'viewer', true)).toBe(true);
    expect(isGrave('viewer', 'admin', false)).toBe(false);
  });
});

describe('isLastOwner', () => {
  it('knows the one without whom nobody owns the team', () => {
    const members = [
      { user_id: 'a', role: 'owner' },
      { user_id: 'b', role: 'admin' },
    ] as const;
    expect(isLastOwner(members, 'a', true)).toBe(true);
    expect(isLastOwner(members, 'b', true)).toBe(false);
    expect(isLastOwner([...members, { user_id: 'c', role: 'owner' }], 'a', true)).toBe(false);
    // Not all of them are known.
    expect(isLastOwner(members, 'a', false)).toBe(false);
  });
});
