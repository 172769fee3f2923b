import en from '../i18n/locales/en.json';
import type { Preview } from '../api/types';

export type Strategy = keyof typeof en.track.strategy;

/** Whether this page has a name for a way of reading; newer ones are shown by their own. */
export const isStrategy = (word: string): word is Strategy => Object.hasOwn(en.track.strategy, word);

type DisagreedField = keyof typeof en.track.disagreed;
export const isDisagreedField = (word: string): word is DisagreedField => Object.hasOwn(en.track.disagreed, word);

/**
 * The candidate that is shown: the one the person picked, else the most trusted one. A choice that
 * a newer look did not find any more is none.
 */
export function shownCandidate(preview: Preview, picked: string | null): Preview['candidates'][number] | null {
  const byName = (name: string | null | undefined) => preview.candidates.find((candidate) => candidate.strategy === name);
  return byName(picked) ?? byName(preview.chosen) ?? preview.candidates[0] ?? null;
}
