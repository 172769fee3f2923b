import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Rule } from '../api/types';
import { useFormat } from '../format/useFormat';
import { isAvailability } from '../products/catalogue';
import { opened } from '../sources/words';
import {
  type Baseline,
  type Condition,
  CONTENT_FIELDS,
  type Extreme,
  type Level,
  membersOf,
  type Metric,
  type Move,
  readCondition,
  type Stock,
  type Test,
  type Value,
} from './condition';

/** Rules in plain words. */
export function useRuleText() {
  const { t } = useTranslation();
  const format = useFormat();
  return useMemo(() => {
    const figure = (metric: Metric) => t(`rules.figure.${metric}`);
    const percent = (value: number) => format.share(value);
    const value = (raw: Value | undefined): string => {
      if (raw === undefined) return '…';
      if (typeof raw === 'object') return raw.amount === '' ? '…' : format.money(raw);
      return Number.isFinite(raw) ? format.number(raw) : '…';
    };
    const days = (count: number | undefined) => (count !== undefined && Number.isFinite(count) ? String(count) : '…');
    const states = (words: readonly string[]) =>
      words.map((word) => (isAvailability(word) ? t(`availability.${word}`) : opened(word))).join(' / ');

    const against = (baseline: Baseline | undefined): string => {
      if (baseline === undefined) return t('rules.against.previous');
      return baseline.kind === 'fixed'
        ? t('rules.against.fixed', { value: value(baseline.value) })
        : baseline.kind === 'median' || baseline.kind === 'average'
          ? t(`rules.against.${baseline.kind}`, { days: days(baseline.days) })
          : t(`rules.against.${baseline.kind}`);
    };

    const ofMove = (test: Move): string => {
      const amount = test.percent === undefined ? value(test.absolute) : Number.isFinite(test.percent) ? percent(test.percent) : '…';
      const verb = `${test.metric === 'rank' ? 'rank' : 'move'}.${test.direction ?? 'both'}` as const;
      return t(`rules.say.${verb}`, { figure: figure(test.metric), amount, against: against(test.baseline) });
    };

    const ofLevel = (test: Level): string =>
      test.at_or_above === undefined
        ? t('rules.say.atOrBelow', { figure: figure(test.metric), value: value(test.at_or_below) })
        : t('rules.say.atOrAbove', { figure: figure(test.metric), value: value(test.at_or_above) });

    const ofExtreme = (test: Extreme): string =>
      t(`rules.say.${test.extreme}`, { figure: figure(test.metric), days: days(test.days) });

    const ofStock = ({ event, from = [], to = [] }: Stock): string => {
      if (event !== 'changed') return t(`rules.say.${event}`);
      if (from.length > 0 && to.length > 0) return t('rules.say.becomesFrom', { from: states(from), to: states(to) });
      if (to.length > 0) return t('rules.say.becomes', { to: states(to) });
      return from.length > 0 ? t('rules.say.leaves', { from: states(from) }) : t('rules.say.availability');
    };

    const ofTest = (test: Test): string => {
      switch (test.test) {
        case 'move':
          return ofMove(test);
        case 'level':
          return ofLevel(test);
        case 'extreme':
          return ofExtreme(test);
        case 'buy_box':
          return test.event === 'changed'
            ? t('rules.say.buyBox')
            : t(`rules.say.${test.event}`, { seller: test.seller === undefined || test.seller === '' ? '…' : test.seller });
        case 'availability':
          return ofStock(test);
        case 'content':
          return t('rules.say.content', {
            fields: (test.fields ?? CONTENT_FIELDS).map((field) => t(`rules.content.${field}`)).join(t('common.comma')),
          });
      }
    };

    const clause = (condition: Condition, inner: boolean): string => {
      const group = membersOf(condition);
      if (group === null) return ofTest(condition as Test);
      const text = group.members.map((member) => clause(member, true)).join(t(group.mode === 'all' ? 'rules.say.and' : 'rules.say.or'));
      return inner && group.members.length > 1 ? t('rules.say.inner', { text }) : text;
    };

    /** What makes a test quieter, or louder: said after what it is. */
    const details = (test: Test): string[] => {
      const said: string[] = [];
      if (test.test === 'move' || test.test === 'extreme') {
        if (test.min_step !== undefined) said.push(t('rules.detail.minStep', { value: value(test.min_step) }));
      }
      if (test.test === 'move' || test.test === 'level') {
        const back = test.test === 'move' && test.hysteresis_percent !== undefined ? percent(test.hysteresis_percent) : undefined;
        const further = test.test === 'move' && test.step_percent !== undefined ? percent(test.step_percent) : undefined;
        if (back !== undefined || test.hysteresis !== undefined) {
          said.push(t('rules.detail.hysteresis', { value: back ?? value(test.hysteresis) }));
        }
        if (further !== undefined || test.step !== undefined) said.push(t('rules.detail.step', { value: further ?? value(test.step) }));
      }
      return said;
    };

    const sentence = (text: string) => text.charAt(0).toLocaleUpperCase(format.locale) + text.slice(1);
    const summary = (condition: Condition): string => sentence(clause(condition, false));

    return {
      summary,
      details,
      /** A condition with something newer than this page is told by what the server says it is about. */
      ofRule(rule: Rule): string {
        const condition = readCondition(rule.condition);
        return condition === null ? sentence(opened(rule.kind)) : summary(condition);
      },
      against(kind: string, count: number | null | undefined): string | null {
        if (kind === 'median' || kind === 'average') return t(`rules.against.${kind}`, { days: days(count ?? undefined) });
        return kind === 'previous' || kind === 'tracked' ? t(`rules.against.${kind}`) : null;
      },
    };
  }, [t, format]);
}

export type RuleText = ReturnType<typeof useRuleText>;
