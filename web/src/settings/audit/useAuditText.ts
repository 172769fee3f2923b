import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditEntry } from '../../api/types';
import { opened } from '../../sources/words';
import { knownActor, knownOutcome } from './words';

/** Entries of the log in words. */
export function useAuditText() {
  const { t } = useTranslation();
  return useMemo(() => {
    const kind = (word: string) => {
      const known = knownActor(word);
      return known === null ? opened(word) : t(`audit.actors.${known}`);
    };
    return {
      kind,
      /** A name where there is one. */
      actor: ({ actor }: AuditEntry) => actor.name ?? kind(actor.kind),
      outcome: (word: string) => {
        const known = knownOutcome(word);
        return known === null ? opened(word) : t(`audit.outcomes.${known}`);
      },
    };
  }, [t]);
}
