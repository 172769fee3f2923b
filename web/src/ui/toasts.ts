import type { ReactNode } from 'react';

export interface Toast {
  id: number;
  icon?: ReactNode;
  title: ReactNode;
  body?: ReactNode;
  /** Where a click leads. */
  to?: string;
}

/** More than these at once are noise; the oldest goes. */
const MOST = 3;

let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

export const toastStore = {
  get: () => toasts,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** Tells something in the corner for a few seconds. */
export function toast(parts: Omit<Toast, 'id'>): void {
  last += 1;
  set([...toasts, { ...parts, id: last }].slice(-MOST));
}

export function dismissToast(id: number): void {
  set(toasts.filter((each) => each.id !== id));
}
