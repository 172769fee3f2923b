import { describe, expect, it } from 'vitest';
import { isOver, isTrigger, percentDone, statusTone } from './words';

describe('a log of a sync', () => {
  it('is over when it went well, badly or in part', () => {
    expect(['pending', 'processing', 'success', 'partial', 'failed'].map((status) => isOver({ status }))).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  it('knows how far it is once it knows how many there are', () => {
    expect(percentDone({ total: 0, success: 0, failed: 0 })).toBeNull();
    expect(percentDone({ total: 3, success: 1, failed: 1 })).toBe(66);
    expect(percentDone({ total: 3, success: 3, failed: 0 })).toBe(100);
  });

  it('shows words that a newer server may have as they come', () => {
    expect(isTrigger('credentials_changed')).toBe(true);
    expect(isTrigger('constructor')).toBe(false);
    expect(statusTone('whatever')).toBe('plain');
  });
});
