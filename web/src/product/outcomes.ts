import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import en from '../i18n/locales/en.json';

type Trouble = keyof typeof en.outcome;

const isTrouble = (outcome: string): outcome is Trouble => Object.hasOwn(en.outcome, outcome);

const isMonitorTrouble = (outcome: string): outcome is keyof typeof en.monitors.outcome =>
  Object.hasOwn(en.monitors.outcome, outcome);

/**
 * What went wrong with a look, in words; `null` when nothing did, or when nobody looked yet.
 * `monitor`: with a search, about which some things are said differently.
 */
export function useTroubleText({ monitor = false }: { monitor?: boolean } = {}) {
  const { t } = useTranslation();
  return useCallback(
    (outcome: string | null | undefined): string | null => {
      if (outcome === null || outcome === undefined || outcome === 'ok') return null;
      if (monitor && isMonitorTrouble(outcome)) return t(`monitors.outcome.${outcome}`);
      return t(`outcome.${isTrouble(outcome) ? outcome : 'failed'}`);
    },
    [t, monitor],
  );
}
