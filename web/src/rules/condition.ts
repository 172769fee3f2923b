import type { Money } from '../api/types';

/** Figures that rules watch; the first three are money. */
export const METRICS = ['price', 'buy_box_price', 'list_price', 'rank', 'rating', 'review_count', 'stock_quantity'] as const;
export type Metric = (typeof METRICS)[number];

export const isMoneyMetric = (metric: Metric): boolean => metric.endsWith('price');

export const BASELINES = ['previous', 'median', 'average', 'tracked', 'fixed'] as const;
export type BaselineKind = (typeof BASELINES)[number];

export const DIRECTIONS = ['down', 'up', 'both'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export const BUY_BOX_EVENTS = ['changed', 'lost', 'won'] as const;
export const STOCK_EVENTS = ['restock', 'out_of_stock', 'changed'] as const;
export const CONTENT_FIELDS = ['title', 'images', 'features'] as const;
export type ContentField = (typeof CONTENT_FIELDS)[number];

/** An amount of a metric: money for prices, a number for all else. */
export type Value = Money | number;

export interface Baseline {
  kind: BaselineKind;
  days?: number;
  min_days?: number;
  value?: Value;
}

export interface Move {
  test: 'move';
  metric: Metric;
  baseline?: Baseline;
  direction?: Direction;
  percent?: number;
  absolute?: Value;
  min_step?: Value;
  hysteresis_percent?: number;
  step_percent?: number;
  hysteresis?: Value;
  step?: Value;
}

export interface Level {
  test: 'level';
  metric: Metric;
  at_or_below?: Value;
  at_or_above?: Value;
  hysteresis?: Value;
  step?: Value;
}

export interface Extreme {
  test: 'extreme';
  metric: Metric;
  extreme: 'lowest' | 'highest';
  days: number;
  min_days?: number;
  min_step?: Value;
}

export interface BuyBox {
  test: 'buy_box';
  event: (typeof BUY_BOX_EVENTS)[number];
  seller?: string;
}

export interface Stock {
  test: 'availability';
  event: (typeof STOCK_EVENTS)[number];
  from?: string[];
  to?: string[];
}

export interface Content {
  test: 'content';
  fields?: ContentField[];
}

export type Test = Move | Level | Extreme | BuyBox | Stock | Content;
export type Condition = Test | { all: Condition[] } | { any: Condition[] };

const oneOf = <T extends string>(words: readonly T[], word: unknown): word is T => (words as readonly unknown[]).includes(word);
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function isValue(value: unknown): boolean {
  if (value == null || typeof value === 'number') return true;
  return isRecord(value) && typeof value['amount'] === 'string' && typeof value['currency'] === 'string';
}

const isTexts = (value: unknown) => value == null || (Array.isArray(value) && value.every((each) => typeof each === 'string'));

/** Without the parts that say nothing, so that what was read is what is sent back. */
function said(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record)
      .filter(([, value]) => value != null)
      .map(([name, value]) => [name, isRecord(value) ? said(value) : value]),
  );
}

function isTest(raw: Record<string, unknown>): boolean {
  switch (raw['test']) {
    case 'move': {
      const baseline = raw['baseline'];
      return (
        oneOf(METRICS, raw['metric']) &&
        (baseline == null || (isRecord(baseline) && oneOf(BASELINES, baseline['kind']) && isValue(baseline['value']))) &&
        (raw['direction'] == null || oneOf(DIRECTIONS, raw['direction'])) &&
        ['absolute', 'min_step', 'hysteresis', 'step'].every((name) => isValue(raw[name]))
      );
    }
    case 'level':
      return oneOf(METRICS, raw['metric']) && ['at_or_below', 'at_or_above', 'hysteresis', 'step'].every((name) => isValue(raw[name]));
    case 'extreme':
      return oneOf(METRICS, raw['metric']) && oneOf(['lowest', 'highest'], raw['extreme']) && typeof raw['days'] === 'number';
    case 'buy_box':
      return oneOf(BUY_BOX_EVENTS, raw['event']);
    case 'availability':
      return oneOf(STOCK_EVENTS, raw['event']) && isTexts(raw['from']) && isTexts(raw['to']);
    case 'content':
      return raw['fields'] == null || (Array.isArray(raw['fields']) && raw['fields'].every((field) => oneOf(CONTENT_FIELDS, field)));
    default:
      return false;
  }
}

/** Reads a condition; `null` when something in it is newer than this page. */
export function readCondition(raw: unknown): Condition | null {
  if (!isRecord(raw)) return null;
  for (const mode of ['all', 'any'] as const) {
    const members = raw[mode];
    if (!Array.isArray(members)) continue;
    const read = members.map(readCondition);
    if (read.some((member) => member === null)) return null;
    return { [mode]: read as Condition[] } as Condition;
  }
  return isTest(raw) ? (said(raw) as unknown as Test) : null;
}

/** The members of a group and how they are joined; `null` of a test. */
export function membersOf(condition: Condition): { mode: 'all' | 'any'; members: Condition[] } | null {
  if ('all' in condition) return { mode: 'all', members: condition.all };
  if ('any' in condition) return { mode: 'any', members: condition.any };
  return null;
}

/** Every test of a condition, in its order. */
export function testsOf(condition: Condition): Test[] {
  const group = membersOf(condition);
  return group === null ? [condition as Test] : group.members.flatMap(testsOf);
}
