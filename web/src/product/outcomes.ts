import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import en from '../i18n/locales/en.json';

type Trouble = keyof typeof en.outcome;

const isTrouble = (outcome: string): outcome is Trouble => Object.hasOwn(en.outcome, outcome);

/** What went wrong with a look, in words; `null` when nothing did, or when nobody looked yet. */
export function useTroubleText() {
  const { t } = useTranslation();
  return useCallback(
    (outcome: string | null | undefined): string | null => {
      if (outcome === null || outcome === undefined || outcome === 'ok') return null;
      return t(`outcome.${isTrouble(outcome) ? outcome : 'failed'}`);
    },
    [t],
  );
}
