/** What a change means, apart from how it is coloured. */
export type Direction = 'down' | 'up' | 'same';

/** How a reader wants price changes coloured. `neutral` calls neither direction good. */
export type ColourSense = 'neutral' | 'buyer' | 'seller';

/** The tones a change can take; each is a pair of colours in index.css. */
export type Tone = 'cool' | 'warm' | 'good' | 'bad' | 'still';

export interface Delta {
  direction: Direction;
  /** An arrow, so that colour is never the only sign. */
  arrow: '↓' | '↑' | '→';
  /** With sign, in percent. */
  percent: number;
}

/** Reads a percentage; `null` when there is none to show. Less than a twentieth of a percent is no change. */
export function deltaOf(percent: number | null | undefined): Delta | null {
  if (percent === null || percent === undefined || !Number.isFinite(percent)) return null;
  if (Math.abs(percent) < 0.05) return { direction: 'same', arrow: '→', percent: 0 };
  return percent < 0
    ? { direction: 'down', arrow: '↓', percent }
    : { direction: 'up', arrow: '↑', percent };
}

/** The colour of a price change for this reader: a drop is good for a buyer and bad for a seller. */
export function priceTone(direction: Direction, sense: ColourSense): Tone {
  if (direction === 'same') return 'still';
  if (sense === 'neutral') return direction === 'down' ? 'cool' : 'warm';
  const good = sense === 'buyer' ? 'down' : 'up';
  return direction === good ? 'good' : 'bad';
}

/** A smaller rank is the better one, for everybody. */
export function rankTone(direction: Direction): Tone {
  if (direction === 'same') return 'still';
  return direction === 'down' ? 'good' : 'bad';
}

/** `83%` of a whole: no sign, one decimal below ten percent. */
export function formatShare(percent: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: percent < 9.95 ? 1 : 0 }).format(percent / 100);
}

/** `+3.4%`, `−12%`: always signed, one decimal below ten percent. */
export function formatPercent(percent: number, locale: string): string {
  return new Intl.NumberFormat(locale, {
    style: 'percent',
    signDisplay: 'exceptZero',
    maximumFractionDigits: Math.abs(percent) < 9.95 ? 1 : 0,
  }).format(percent / 100);
}
