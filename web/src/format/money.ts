import type { Money } from '../api/types';

type Decimal = `${number}`;

const formatters = new Map<string, Intl.NumberFormat>();

// Currencies whose everyday prices carry no decimals although ISO 4217 gives them two.
const WHOLE_UNITS = new Set(['TWD', 'HUF', 'IDR']);

function formatter(locale: string, currency: string): Intl.NumberFormat {
  const key = `${locale} ${currency}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    trailingZeroDisplay: WHOLE_UNITS.has(currency) ? 'stripIfInteger' : 'auto',
  });
  formatters.set(key, made);
  return made;
}

const isDecimal = (amount: string): amount is Decimal => /^-?\d+(\.\d+)?$/.test(amount);

/**
 * Money as people read it. The decimal text goes to `Intl` as it is: no float in between, so
 * no digit is lost. An unknown currency or an odd amount is shown as it came.
 */
export function formatMoney(money: Money, locale: string): string {
  const { amount, currency } = money;
  if (!isDecimal(amount)) return `${currency} ${amount}`;
  try {
    return formatter(locale, currency).format(amount);
  } catch {
    return `${currency} ${amount}`;
  }
}

/** Orders two decimal texts exactly, whatever their length. Negative when `a` is the smaller. */
export function compareDecimals(a: string, b: string): number {
  const scale = Math.max(fraction(a).length, fraction(b).length);
  const difference = scaled(a, scale) - scaled(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

const fraction = (decimal: string) => decimal.split('.')[1] ?? '';

function scaled(decimal: string, scale: number): bigint {
  const negative = decimal.startsWith('-');
  const digits = decimal.replace('-', '').replace('.', '') + '0'.repeat(scale - fraction(decimal).length);
  return negative ? -BigInt(digits) : BigInt(digits);
}
