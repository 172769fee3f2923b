import { describe, expect, it } from 'vitest';
import { inFragment } from './fragment';

describe('inFragment', () => {
  it('reads what the link carries', () => {
    expect(inFragment('#token=abc-_1', 'token')).toBe('abc-_1');
    expect(inFragment('#code=a%2Fb&x=1', 'code')).toBe('a/b');
  });

  it('takes nothing for nothing', () => {
    expect(inFragment('', 'token')).toBeNull();
    expect(inFragment('#token=%20', 'token')).toBeNull();
    expect(inFragment('#code=abc', 'token')).toBeNull();
    expect(inFragment(`#token=${'a'.repeat(600)}`, 'token')).toBeNull();
  });
});
