/** What a change means, apart from how it is coloured. */
export type Direction = 'down' | 'up' | 'same';

/**
 * The colour of a rising price, a falling one having the other: green as on most exchanges, red as on Chinese ones.
 * `neutral` uses two that mean neither good nor bad.
 */
export type ColourSense = 'neutral' | 'green' | 'red';

/** A team's `rise_color` as a sense; neutral while it is not known. */
export const senseOf = (colour: string | null | undefined): ColourSense => (colour === 'green' || colour === 'red' ? colour : 'neutral');

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

/** The tone of a price change: green is that of good news, red that of bad ones. */
export function priceTone(direction: Direction, sense: ColourSense): Tone {
  if (direction === 'same') return 'still';
  if (sense === 'neutral') return direction === 'down' ? 'cool' : 'warm';
  return (direction === 'up') === (sense === 'green') ? 'good' : 'bad';
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
