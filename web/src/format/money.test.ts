import { describe, expect, it } from 'vitest';
import { compareDecimals, formatMoney } from './money';

const money = (amount: string, currency: string, locale = 'en-US') => formatMoney({ amount, currency }, locale);

describe('formatMoney', () => {
  it('follows the currency and the language', () => {
    expect(money('19.99', 'USD')).toBe('$19.99');
    expect(money('1980', 'JPY')).toBe('¥1,980');
    expect(money('35.9', 'EUR', 'de-DE')).toBe('35,90\u00a0€');
    expect(money('128.00', 'CNY', 'zh-Hans')).toBe('¥128.00');
  });

  it('shows whole Taiwan dollars without decimals and keeps real ones', () => {
    expect(money('380.00', 'TWD')).toBe('NT$380');
    expect(money('380.50', 'TWD')).toBe('NT$380.50');
  });

  it('never goes through a float', () => {
    expect(money('90071992547409931.07', 'USD')).toBe('$90,071,992,547,409,931.07');
  });

  it('shows what it cannot format as it came', () => {
    expect(money('about 5', 'USD')).toBe('USD about 5');
    expect(money('5.00', 'not a code')).toBe('not a code 5.00');
  });
});

describe('compareDecimals', () => {
  it('orders by value whatever the number of digits', () => {
    expect(compareDecimals('9.9', '10')).toBeLessThan(0);
    expect(compareDecimals('10.00', '10')).toBe(0);
    expect(compareDecimals('-1.5', '-1.25')).toBeLessThan(0);
    expect(compareDecimals('90071992547409931.08', '90071992547409931.07')).toBeGreaterThan(0);
  });
});
