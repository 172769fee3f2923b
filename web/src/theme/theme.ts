import type { ColourSense } from '../format/delta';

/** How price changes are coloured: as the team has it, or as the reader wants it. */
export type ColourChoice = 'team' | ColourSense;

export type ThemeChoice = 'system' | 'light' | 'dark';

export const THEME_CHOICES: readonly ThemeChoice[] = ['system', 'light', 'dark'];
export const COLOUR_CHOICES: readonly ColourChoice[] = ['team', 'green', 'red', 'neutral'];

/** One stored choice that components can follow. */
class Preference<T extends string> {
  #listeners = new Set<() => void>();
  #value: T;
  readonly #key: string;

  constructor(key: string, allowed: readonly T[], fallback: T) {
    this.#key = key;
    this.#value = allowed.find((each) => each === read(key)) ?? fallback;
  }

  get = (): T => this.#value;

  set = (value: T): void => {
    this.#value = value;
    try {
      localStorage.setItem(this.#key, value);
    } catch {
      // The choice lasts for this visit only.
    }
    for (const listener of this.#listeners) listener();
  };

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export const themeChoice = new Preference<ThemeChoice>('bellwether.theme', THEME_CHOICES, 'system');
export const colourChoice = new Preference<ColourChoice>('bellwether.colours', COLOUR_CHOICES, 'team');

const system = window.matchMedia('(prefers-color-scheme: dark)');

export function isDark(): boolean {
  const choice = themeChoice.get();
  return choice === 'dark' || (choice === 'system' && system.matches);
}

function apply(): void {
  document.documentElement.dataset['theme'] = isDark() ? 'dark' : 'light';
}

/** Follows the choice and the system from now on. */
export function startTheme(): void {
  apply();
  themeChoice.subscribe(apply);
  system.addEventListener('change', apply);
}

/** Calls `listener` whenever the page turns dark or light. */
export function onThemeChange(listener: () => void): () => void {
  const stop = themeChoice.subscribe(listener);
  system.addEventListener('change', listener);
  return () => {
    stop();
    system.removeEventListener('change', listener);
  };
}
