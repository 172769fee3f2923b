import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from './problem';
import { fieldWord } from './serverWords';

/** What is wrong with one of the named fields, in the reader's language; `null` where nothing is. */
export function useFieldText() {
  const { t } = useTranslation();
  return useCallback(
    (problem: Problem | null, ...names: string[]): string | null => {
      const message = problem?.field(...names) ?? null;
      const word = message === null ? null : fieldWord(message);
      return word === null ? message : t(word);
    },
    [t],
  );
}
