import { describe, expect, it } from 'vitest';
import { formatInterval, formatRelative } from './time';

const now = new Date('2026-03-01T12:00:00Z');
const relative = (iso: string, locale = 'en') => formatRelative(new Date(iso), now, locale);

describe('formatRelative', () => {
  it('uses the largest whole unit', () => {
    expect(relative('2026-03-01T11:59:30Z')).toBe('now');
    expect(relative('2026-03-01T11:54:00Z')).toBe('6 minutes ago');
    expect(relative('2026-03-01T09:01:00Z')).toBe('2 hours ago');
    expect(relative('2026-02-28T12:00:00Z')).toBe('yesterday');
    expect(relative('2026-03-01T14:00:00Z')).toBe('in 2 hours');
    expect(relative('2026-03-01T11:54:00Z', 'zh-Hant')).toBe('6 分鐘前');
  });
});

describe('formatInterval', () => {
  it('chooses a unit that leaves no rest', () => {
    expect(formatInterval(21_600, 'en')).toBe('6 hours');
    expect(formatInterval(86_400, 'en')).toBe('1 day');
    expect(formatInterval(5_400, 'en')).toBe('90 minutes');
    expect(formatInterval(86_400, 'zh-Hans')).toBe('1天');
  });
});
