import { baseBehind, baseOf } from './place';

const BASE_KEY = 'bellwether.base';

/** Remembers, for this host alone, whether it is the own one of a team that somebody was signed in to. */
export function noteBase(slug: string): void {
  const base = baseOf(window.location.host, slug);
  try {
    if (base === null) window.localStorage.removeItem(BASE_KEY);
    else window.localStorage.setItem(BASE_KEY, base);
  } catch {
    // Then it is not known before the server says so.
  }
}

/** The host that all teams share, where this one is surely a team's own; `null` where that is not known. */
export function knownBase(): string | null {
  if (window.location.hostname.endsWith('.localhost')) return baseBehind(window.location.host);
  try {
    return window.localStorage.getItem(BASE_KEY);
  } catch {
    return null;
  }
}

/** Where a new team is made. */
export const registerAddress = (base: string): string => `${window.location.protocol}//${base}/register`;
