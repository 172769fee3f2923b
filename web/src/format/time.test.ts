import { describe, expect, it } from 'vitest';
import { formatDuration, formatInterval, formatRelative } from './time';

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

describe('formatDuration', () => {
  it('uses the two largest units', () => {
    expect(formatDuration(0, 'en')).toBe('0 sec');
    expect(formatDuration(59.6, 'en')).toBe('1 min');
    expect(formatDuration(125, 'en')).toBe('2 min 5 sec');
    expect(formatDuration(3_605, 'en')).toBe('1 hr');
    expect(formatDuration(3_725, 'en')).toBe('1 hr 2 min');
    expect(formatDuration(90_000, 'en')).toBe('1 day 1 hr');
  });
});
