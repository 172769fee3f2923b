import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Alert, Money } from '../api/types';
import { deltaOf } from '../format/delta';
import { useFormat } from '../format/useFormat';
import en from '../i18n/locales/en.json';
import { useTroubleText } from '../product/outcomes';
import { isAvailability } from '../products/catalogue';
import { useSourceName } from '../sources/queries';

type Kind = keyof typeof en.alerts.kind;

const isKind = (kind: string): kind is Kind => Object.hasOwn(en.alerts.kind, kind);

function isMoney(value: unknown): value is Money {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<Money>).amount === 'string' &&
    typeof (value as Partial<Money>).currency === 'string'
  );
}

/** An alert in words and figures. */
export function useAlertText() {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const trouble = useTroubleText();
  return useMemo(() => {
    const value = (raw: unknown): string => {
      if (raw === null || raw === undefined || raw === '') return t('alerts.none');
      if (isMoney(raw)) return format.money(raw);
      if (typeof raw === 'number') return format.number(raw);
      if (typeof raw === 'boolean') return t(raw ? 'availability.in_stock' : 'availability.out_of_stock');
      if (typeof raw === 'string') return isAvailability(raw) ? t(`availability.${raw}`) : raw;
      return JSON.stringify(raw);
    };
    return {
      /** "Price fell 20%". */
      headline(alert: Alert): string {
        const delta = deltaOf(alert.percent);
        if (delta !== null && delta.direction !== 'same' && (alert.kind === 'price' || alert.kind === 'rank')) {
          const percent = format.percent(Math.abs(delta.percent)).replace('+', '');
          return t(`alerts.headline.${alert.kind}.${delta.direction}`, { percent });
        }
        if (alert.source != null && (alert.kind === 'source_trouble' || alert.kind === 'source_recovered')) {
          return t(`alerts.headline.${alert.kind}`, { source: sourceName(alert.source) });
        }
        return isKind(alert.kind) ? t(`alerts.kind.${alert.kind}`) : alert.kind.replaceAll('_', ' ');
      },
      /** What figures do not say: a monitor's name, a source's own words, why a product cannot be read. */
      detail(alert: Alert): string | null {
        if (alert.kind === 'target_trouble' && typeof alert.after === 'string') return trouble(alert.after);
        const message = alert.message ?? '';
        if (message === '') return null;
        return alert.kind === 'new_listing' ? t('alerts.foundBy', { monitor: message }) : message;
      },
      /** "$24.99 → $19.99". */
      change(alert: Alert): string | null {
        const before = alert.before ?? null;
        const after = alert.after ?? null;
        // How the last look ended is no figure.
        if (alert.kind === 'target_trouble' || alert.kind === 'target_recovered') return null;
        // Nothing moved: it was not there before.
        if (alert.kind === 'new_listing') return after === null ? null : value(after);
        return before === null && after === null ? null : `${value(before)} → ${value(after)}`;
      },
    };
  }, [t, format, sourceName, trouble]);
}
