import en from '../i18n/locales/en.json';
import type { BadgeTone } from '../ui/Badge';

// The API's words that this page can say in the reader's language. A source that is newer than
// the page may have others: those are shown as they come, with their underscores opened.
export const guard =
  <T extends object>(catalogue: T) =>
  (word: string): word is Extract<keyof T, string> =>
    Object.hasOwn(catalogue, word);

export const isState = guard(en.sources.state);
export const isAbility = guard(en.sources.ability);
export const isKind = guard(en.monitors.kind);
export const isAbout = guard(en.sources.about);
export const isCredentialField = guard(en.sources.credential.field);
export const isCredentialStatus = guard(en.sources.credential.status);
export const isPreset = guard(en.monitors.preset);

export const opened = (word: string): string => word.replaceAll('_', ' ');

/** "Bluetooth headphones" as `bluetooth_headphones`. */
export const wordOf = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^_|_$/g, '');

const STATE_TONES: Record<string, BadgeTone> = { ok: 'good', slowed: 'warn', paused: 'warn', open: 'bad' };
export const stateTone = (state: string): BadgeTone => STATE_TONES[state] ?? 'plain';

const STATUS_TONES: Record<string, BadgeTone> = { works: 'good', failed: 'bad', untested: 'warn', none: 'plain' };
export const statusTone = (status: string): BadgeTone => STATUS_TONES[status] ?? 'plain';
