const UNITS = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** "5 minutes ago", "in 2 hours"; under a minute it is "now". */
export function formatRelative(at: Date, now: Date, locale: string): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(0, 'second');
}

export function formatDate(at: Date, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(at);
}

/** A day without a time, such as `2026-03-01`: the same day wherever the reader is. */
export function formatDay(day: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(day));
}

export function formatDateTime(at: Date, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}

/** The time of day, with the date where it is another day. */
export function formatClock(at: Date, now: Date, locale: string): string {
  return at.toDateString() === now.toDateString()
    ? new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(at)
    : formatDateTime(at, locale);
}

/** The short name of a weekday, 0 being Monday. */
export function formatWeekday(place: number, locale: string): string {
  // The 5th of January 1970 was a Monday.
  return new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' }).format(new Date((place + 4) * 86_400_000));
}

/** An hour of the day, 0 to 23: "10 AM", "10时". */
export function formatHour(hour: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { hour: 'numeric', timeZone: 'UTC' }).format(new Date(hour * 3_600_000));
}

/** A length of time in its largest whole unit: 21600 is "6 hours". */
export function formatInterval(seconds: number, locale: string): string {
  const [unit, size] =
    UNITS.slice(3).find(([, length]) => seconds >= length && seconds % length === 0) ?? (['second', 1] as const);
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(seconds / size);
}

/** A length of time in its two largest units, shortly: 3725 is "1 hr 2 min". */
export function formatDuration(seconds: number, locale: string): string {
  const whole = Math.max(0, Math.round(seconds));
  const sizes = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
    ['second', 1],
  ] as const;
  const first = sizes.findIndex(([, size]) => whole >= size);
  const parts = sizes.slice(first === -1 ? -1 : first).slice(0, 2);
  let left = whole;
  const texts = parts.flatMap(([unit, size], index) => {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count === 0 && index > 0) return [];
    return [new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(count)];
  });
  return texts.join(' ');
}
