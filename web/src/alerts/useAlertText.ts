import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Alert, Money } from '../api/types';
import { isMetric } from '../compare/choice';
import { deltaOf } from '../format/delta';
import { useFormat } from '../format/useFormat';
import en from '../i18n/locales/en.json';
import { useTroubleText } from '../product/outcomes';
import { isAvailability } from '../products/catalogue';
import { useRuleText } from '../rules/useRuleText';
import { useSourceName } from '../sources/queries';
import { contentChanges } from './content';

type Kind = keyof typeof en.alerts.kind;

const isKind = (kind: string): kind is Kind => Object.hasOwn(en.alerts.kind, kind);

/** As much of an alert as its words need: one that was raised, or one that a tested rule would have raised. */
export type Told = Pick<Alert, 'kind'> &
  Partial<
    Pick<Alert, 'percent' | 'before' | 'after' | 'source' | 'message' | 'metric' | 'rule_id' | 'rule_name' | 'baseline' | 'baseline_days' | 'changes'>
  >;

function isMoney(value: unknown): value is Money {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<Money>).amount === 'string' &&
    typeof (value as Partial<Money>).currency === 'string'
  );
}

/** Kinds whose figure may move by a percentage. */
const MOVES = ['price', 'rating', 'review_count', 'stock'];

/** An alert in words and figures. */
export function useAlertText() {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const trouble = useTroubleText();
  const rules = useRuleText();
  return useMemo(() => {
    const value = (raw: unknown, metric: string | null): string => {
      if (raw === null || raw === undefined || raw === '') return t('alerts.none');
      if (isMoney(raw)) return format.money(raw);
      if (typeof raw === 'number') return metric === 'rank' ? `#${format.number(raw)}` : format.number(raw);
      if (typeof raw === 'boolean') return t(raw ? 'availability.in_stock' : 'availability.out_of_stock');
      if (typeof raw === 'string') return isAvailability(raw) ? t(`availability.${raw}`) : raw;
      return JSON.stringify(raw);
    };
    /** What moved, where the kind alone does not say it. */
    const figure = (alert: Told): string | null => (isMetric(alert.metric ?? null) ? t(`compare.metric.${alert.metric as 'price'}`) : null);
    const metricOf = (alert: Told) => alert.metric ?? (alert.kind === 'rank' ? 'rank' : null);
    return {
      /** "Price fell 20%". */
      headline(alert: Told): string {
        const delta = deltaOf(alert.percent);
        if (delta !== null && delta.direction !== 'same') {
          const percent = format.percent(Math.abs(delta.percent)).replace('+', '');
          const plain = alert.kind === 'rank' || (alert.kind === 'price' && (alert.metric ?? 'price') === 'price');
          if (plain) return t(`alerts.headline.${alert.kind as 'price' | 'rank'}.${delta.direction}`, { percent });
          const name = figure(alert);
          if (name !== null && MOVES.includes(alert.kind)) return t(`alerts.headline.figure.${delta.direction}`, { figure: name, percent });
        }
        if (alert.source != null && (alert.kind === 'source_trouble' || alert.kind === 'source_recovered')) {
          return t(`alerts.headline.${alert.kind}`, { source: sourceName(alert.source) });
        }
        if ((alert.kind === 'lowest' || alert.kind === 'highest') && alert.baseline_days != null) {
          return t(`alerts.headline.${alert.kind}`, { figure: figure(alert) ?? t('product.price'), days: alert.baseline_days });
        }
        return isKind(alert.kind) ? t(`alerts.kind.${alert.kind}`) : alert.kind.replaceAll('_', ' ');
      },
      /** What figures do not say: a monitor's name, a source's own words, against what, by which rule. */
      detail(alert: Told): string | null {
        if (alert.kind === 'target_trouble' && typeof alert.after === 'string') return trouble(alert.after);
        const message = alert.message ?? '';
        if (alert.kind === 'new_listing') return message === '' ? null : t('alerts.foundBy', { monitor: message });
        if (alert.rule_id == null) return message === '' ? null : message;
        const said = [
          ...contentChanges(alert.changes ?? []).map((change) =>
            change.kind === 'text'
              ? t('alerts.changed.title', { before: change.before ?? t('alerts.none'), after: change.after ?? t('alerts.none') })
              : change.before === change.after
                ? t(`alerts.changed.${change.kind}Same`)
                : t(`alerts.changed.${change.kind}`, { before: change.before, after: change.after }),
          ),
          // The value before stands beside it anyway.
          alert.baseline == null || alert.baseline === 'previous' ? null : rules.against(alert.baseline, alert.baseline_days),
          alert.rule_name == null ? null : t('alerts.byRule', { name: alert.rule_name }),
        ].filter((part) => part !== null);
        return said.length === 0 ? null : said.join(' · ');
      },
      /** "$24.99 → $19.99". */
      change(alert: Told): string | null {
        const before = alert.before ?? null;
        const after = alert.after ?? null;
        // How the last look ended is no figure, and what a page says is told apart.
        if (alert.kind === 'target_trouble' || alert.kind === 'target_recovered') return null;
        if (alert.kind === 'content' && (alert.changes?.length ?? 0) > 0) return null;
        const metric = metricOf(alert);
        // Nothing moved: it was not there before.
        if (alert.kind === 'new_listing') return after === null ? null : value(after, metric);
        return before === null && after === null ? null : `${value(before, metric)} → ${value(after, metric)}`;
      },
    };
  }, [t, format, sourceName, trouble, rules]);
}
