import { describe, expect, it } from 'vitest';
import { givable, isLastOwner, mayChange } from './rules';

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

describe('isLastOwner', () => {
  it('knows the one without whom nobody owns the team', () => {
    const members = [
      { user_id: 'a', role: 'owner' },
      { user_id: 'b', role: 'admin' },
    ] as const;
    expect(isLastOwner(members, 'a')).toBe(true);
    expect(isLastOwner(members, 'b')).toBe(false);
    expect(isLastOwner([...members, { user_id: 'c', role: 'owner' }], 'a')).toBe(false);
  });
});
