import { describe, expect, it } from 'vitest';
import { addressChange, passwordChange, passwordFault, withdrawal } from './change';

const draft = { current: 'the old one is here', next: 'a whole new phrase', again: 'a whole new phrase' };

describe('passwordFault', () => {
  it('finds what the server would refuse, and what was mistyped', () => {
    expect(passwordFault(draft)).toBeNull();
    expect(passwordFault({ ...draft, next: 'short', again: 'short' })).toBe('short');
    expect(passwordFault({ ...draft, next: draft.current, again: draft.current })).toBe('same');
    expect(passwordFault({ ...draft, again: 'a whole new phrasf' })).toBe('differs');
    // Ten characters, however many bytes they are.
    expect(passwordFault({ ...draft, next: '一二三四五六七八九十', again: '一二三四五六七八九十' })).toBeNull();
  });

  it('sends no more than is needed', () => {
    expect(passwordChange(draft)).toEqual({ current_password: draft.current, new_password: draft.next });
  });
});

describe('withdrawal', () => {
  it('names the address that there is', () => {
    expect(withdrawal('a@example.com', 'x')).toEqual({ email: 'a@example.com', current_password: 'x' });
  });
});

describe('addressChange', () => {
  it('asks for nothing where the address is the same', () => {
    expect(addressChange('a@example.com', ' A@example.com ', 'x')).toBeNull();
    expect(addressChange('a@example.com', ' ', 'x')).toBeNull();
    expect(addressChange('a@example.com', ' b@example.com', 'x')).toEqual({ email: 'b@example.com', current_password: 'x' });
  });
});
