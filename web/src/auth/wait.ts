import { useSyncExternalStore } from 'react';

/** Whole seconds until an instant, never negative. */
export const secondsUntil = (until: number, now: number): number => Math.max(0, Math.ceil((until - now) / 1000));

/** `0:42`, `12:05`, `1:00:00`: a clock that runs down, the same in every language. */
export function countdown(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

const idle = () => () => undefined;

// By the clock, not by counting: a sleeping computer misses ticks.
function ticking(listener: () => void): () => void {
  const timer = setInterval(listener, 250);
  return () => clearInterval(timer);
}

/** Seconds left until an instant, counted down; 0 when it is over or there is none. */
export const useSecondsLeft = (until: number | null): number =>
  useSyncExternalStore(until === null ? idle : ticking, () => (until === null ? 0 : secondsUntil(until, Date.now())));
