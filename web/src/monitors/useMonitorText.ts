import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Monitor, Preset } from '../api/types';
import { useFormat } from '../format/useFormat';
import { useSourceName } from '../sources/queries';
import { isKind, isPreset, opened, wordOf } from '../sources/words';

/** Monitors in words. */
export function useMonitorText() {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  return useMemo(() => {
    const kind = (word: string) => (isKind(word) ? t(`monitors.kind.${word}`) : opened(word));
    return {
      kind,
      /** "New arrivals". */
      preset(preset: Preset): string {
        const word = wordOf(preset.name);
        if (isPreset(word)) return t(`monitors.preset.${word}`);
        return preset.term === '' ? kind(preset.kind) : preset.name;
      },
      /** "PopMart · Series “THE MONSTERS” · United States". */
      what({ source, kind: word, term, category, marketplace }: Monitor): string {
        return [
          sourceName(source),
          term === '' ? kind(word) : t('monitors.kindTerm', { kind: kind(word), term }),
          category ?? '',
          format.region(marketplace),
        ]
          .filter((part) => part !== '')
          .join(' · ');
      },
    };
  }, [t, format, sourceName]);
}
