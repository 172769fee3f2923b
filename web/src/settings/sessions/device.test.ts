import { describe, expect, it } from 'vitest';
import { deviceOf } from './device';

const named = (userAgent: string | null) => {
  const { browser, system, small } = deviceOf(userAgent);
  return [browser, system, small];
};

describe('deviceOf', () => {
  it('knows browsers that claim to be others', () => {
    expect(named('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0')).toEqual(['Edge', 'Windows', false]);
    expect(named('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15')).toEqual(['Safari', 'macOS', false]);
    expect(named('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/130.0 Mobile/15E148 Safari/604.1')).toEqual(['Chrome', 'iPhone', true]);
    expect(named('Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0')).toEqual(['Firefox', 'Linux', false]);
  });

  it('makes nothing up', () => {
    expect(named('something/1.0')).toEqual([null, null, false]);
    expect(named(null)).toEqual([null, null, false]);
  });
});
