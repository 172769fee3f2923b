import { useSyncExternalStore } from 'react';
import { useAlerts } from './queries';

const KEY = 'bellwether.alertsSeenUntil';

interface Seen {
  /** Alerts up to this instant were on screen. */
  until: string;
  /** Those that came in live since; they may have happened earlier. */
  live: ReadonlySet<string>;
}

function stored(): string {
  try {
    const known = localStorage.getItem(KEY);
    if (known !== null) return known;
    // A first visit starts with a clean slate, not with months of old alerts.
    const now = new Date().toISOString();
    localStorage.setItem(KEY, now);
    return now;
  } catch {
    return new Date().toISOString();
  }
}

let seen: Seen = { until: stored(), live: new Set() };
const listeners = new Set<() => void>();

function set(next: Seen): void {
  seen = next;
  for (const listener of listeners) listener();
}

/** When each live alert came in; a row that appears soon after glows for a moment. */
const arrivals = new Map<string, number>();
const JUST_NOW = 3_000;

export const arrivedJustNow = (id: string): boolean => Date.now() - (arrivals.get(id) ?? 0) < JUST_NOW;

/** An alert arrived while the page was open. */
export function noteLive(id: string): void {
  arrivals.set(id, Date.now());
  set({ ...seen, live: new Set(seen.live).add(id) });
}

/** All that is known so far has been looked at. */
export function markAllSeen(): void {
  const until = new Date().toISOString();
  try {
    localStorage.setItem(KEY, until);
  } catch {
    // Counted anew on the next visit.
  }
  set({ until, live: new Set() });
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** How many alerts nobody has looked at or acknowledged in this browser. */
export function useUnseenAlerts(): number {
  const { until, live } = useSyncExternalStore(subscribe, () => seen);
  const { data } = useAlerts();
  const since = Date.parse(until);
  let count = 0;
  for (const page of data?.pages ?? []) {
    for (const alert of page.items) {
      const fresh = live.has(alert.id) || Date.parse(alert.occurred_at) > since;
      if (fresh && (alert.acknowledged_at ?? null) === null) count += 1;
    }
  }
  return count;
}
