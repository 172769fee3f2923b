import type { LiveEvent } from './kinds';

const listeners = new Set<(event: LiveEvent) => void>();

/** Hears every live event; returns how to stop hearing. */
export function onLiveEvent(listener: (event: LiveEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function announce(event: LiveEvent): void {
  for (const listener of listeners) listener(event);
}
