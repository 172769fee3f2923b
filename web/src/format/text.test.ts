import { describe, expect, it } from 'vitest';
import { formatSize } from './text';

describe('formatSize', () => {
  it('chooses a unit that leaves few digits', () => {
    expect(formatSize(0, 'en')).toBe('0 byte');
    expect(formatSize(999, 'en')).toBe('999 byte');
    expect(formatSize(1_536_000, 'en')).toBe('1.5 MB');
    expect(formatSize(7_000_000_000_000, 'en')).toBe('7,000 GB');
  });
});
