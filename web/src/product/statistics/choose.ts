import type { Money, Statistics } from '../../api/types';

/** The windows worth showing: the shortest, and each longer one that really reaches further back. */
export function reaching<W extends { days: number; covered_days: number }>(windows: readonly W[]): W[] {
  return windows.filter((window, index) => index === 0 || window.covered_days > (windows[index - 1]?.days ?? 0));
}

/** Whole days that are known of a window; `null` where nearly all of it is. */
export function knownDays(window: { days: number; covered_days: number }): number | null {
  return window.covered_days >= window.days * 0.9 ? null : Math.floor(window.covered_days);
}

/** What a length of time is called: days from two days on, then hours, then minutes. In seconds. */
export function about(seconds: number): number {
  const unit = seconds >= 172_800 ? 86_400 : seconds >= 7_200 ? 3_600 : 60;
  return Math.max(1, Math.round(seconds / unit)) * unit;
}

/** Where today's price stands: cheaper, or dearer, than so many percent of its history; nothing where that is next to none. */
export function standing(price: NonNullable<Statistics['price']>): { word: 'cheaper' | 'dearer' | 'same'; percent: number } | null {
  const cheaper = price.cheaper_than_percent ?? null;
  const dearer = price.dearer_than_percent ?? null;
  if (cheaper === null || dearer === null) return null;
  if (cheaper === 0 && dearer === 0) return { word: 'same', percent: 0 };
  if (cheaper < 1 && dearer < 1) return null;
  // Rounded down: it never says too much.
  return cheaper >= dearer
    ? { word: 'cheaper', percent: Math.floor(cheaper) }
    : { word: 'dearer', percent: Math.floor(dearer) };
}

/** 1 is Monday, 7 is Sunday. */
export function weekdayName(weekday: number, locale: string): string {
  // The fifth of January 1970 was a Monday.
  const day = new Date(Date.UTC(1970, 0, 4 + weekday));
  return new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }).format(day);
}

/** A window with everything that is known of it. */
export interface WindowRow {
  days: number;
  /** The most days that any of its numbers covers. */
  covered: number;
  price: Money | null;
  rank: number | null;
  out: number | null;
}

/** The windows worth showing, each with all its numbers. */
export function rowsOf({ price, rank, stock }: Statistics): WindowRow[] {
  const windows = stock.out_of_stock.map(({ days, covered_days, percent }) => {
    const priced = price?.averages.find((each) => each.days === days);
    const ranked = rank?.averages.find((each) => each.days === days);
    return {
      days,
      covered_days: Math.max(covered_days, priced?.covered_days ?? 0, ranked?.covered_days ?? 0),
      price: priced?.price ?? null,
      rank: ranked?.rank ?? null,
      out: percent ?? null,
    };
  });
  return reaching(windows)
    .filter((window) => window.price !== null || window.rank !== null || window.out !== null)
    .map(({ covered_days, ...window }) => ({ ...window, covered: covered_days }));
}
