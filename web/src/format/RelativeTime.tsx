import { useSyncExternalStore } from 'react';
import { formatDateTime, formatRelative } from './time';
import { useFormat } from './useFormat';

// One timer for all the relative times on a page.
const TICK = 20_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let tick = Date.now();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    tick = Date.now();
    timer = setInterval(() => {
      tick = Date.now();
      for (const each of listeners) each();
    }, TICK);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** "5 minutes ago", kept true while it is on the page; the exact time is its title. */
export function RelativeTime({ at }: { at: string }) {
  const ticked = useSyncExternalStore(subscribe, () => tick);
  const { locale } = useFormat();
  const date = new Date(at);
  return (
    <time dateTime={at} title={formatDateTime(date, locale)}>
      {formatRelative(date, new Date(ticked), locale)}
    </time>
  );
}
