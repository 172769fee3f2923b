import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { detailWord } from '../../api/serverWords';
import type { AuditEntry } from '../../api/types';
import { opened } from '../../sources/words';
import { isAction, isReason, isSubjectKind } from './actions';
import { knownActor, knownOutcome } from './words';

/** Entries of the log in words. What is newer than the page is shown as the server says it. */
export function useAuditText() {
  const { t } = useTranslation();
  return useMemo(() => {
    const kind = (word: string) => {
      const known = knownActor(word);
      return known === null ? opened(word) : t(`audit.actors.${known}`);
    };
    const about = (word: string) => (isSubjectKind(word) ? t(`audit.kinds.${word}`) : opened(word));
    return {
      kind,
      about,
      action: (word: string) => (isAction(word) ? t(`audit.actions.${word}`) : word),
      /** What an entry was about: "Tracking 4f2c…". */
      subject: ({ subject: { kind: word, id } }: Pick<AuditEntry, 'subject'>) => (id == null ? about(word) : `${about(word)} ${id}`),
      /** A name where there is one. */
      actor: ({ actor }: AuditEntry) => actor.name ?? kind(actor.kind),
      outcome: (word: string) => {
        const known = knownOutcome(word);
        return known === null ? opened(word) : t(`audit.outcomes.${known}`);
      },
      reason: (word: string) => {
        if (isReason(word)) return t(`audit.reasons.${word}`);
        const known = detailWord(word);
        return known === null ? word : t(known);
      },
    };
  }, [t]);
}
