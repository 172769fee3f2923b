import {
  type Baseline,
  type BaselineKind,
  BUY_BOX_EVENTS,
  type Condition,
  CONTENT_FIELDS,
  type ContentField,
  type Direction,
  isMoneyMetric,
  membersOf,
  type Metric,
  STOCK_EVENTS,
  type Test,
  type Value,
} from './condition';

/** Most tests of a condition, and how deep groups go. */
export const MOST_TESTS = 10;
export const DEEPEST = 3;

/** A test as its form holds it: every field has a text, used or not, so that a change of mind loses nothing. */
export interface TestDraft {
  key: number;
  test: Test['test'];
  metric: Metric;
  currency: string;
  direction: Direction;
  unit: 'percent' | 'absolute';
  amount: string;
  baseline: BaselineKind;
  fixed: string;
  days: string;
  minDays: string;
  minStep: string;
  hysteresis: string;
  step: string;
  bound: 'at_or_below' | 'at_or_above';
  extreme: 'lowest' | 'highest';
  buyBox: (typeof BUY_BOX_EVENTS)[number];
  seller: string;
  stock: (typeof STOCK_EVENTS)[number];
  from: string[];
  to: string[];
  fields: ContentField[];
}

export interface GroupDraft {
  key: number;
  mode: 'all' | 'any';
  members: Draft[];
}

export type Draft = TestDraft | GroupDraft;

export const isGroup = (draft: Draft): draft is GroupDraft => 'members' in draft;

let lastKey = 0;
const nextKey = () => (lastKey += 1);

/** A test as many want it first: the price falls by a tenth. */
export function newTest(parts: Partial<TestDraft> = {}): TestDraft {
  return {
    test: 'move',
    metric: 'price',
    currency: 'USD',
    direction: 'down',
    unit: 'percent',
    amount: '10',
    baseline: 'previous',
    fixed: '',
    days: '30',
    minDays: '',
    minStep: '',
    hysteresis: '',
    step: '',
    bound: 'at_or_below',
    extreme: 'lowest',
    buyBox: 'changed',
    seller: '',
    stock: 'restock',
    from: [],
    to: [],
    fields: [...CONTENT_FIELDS],
    ...parts,
    key: nextKey(),
  };
}

export const newGroup = (members: Draft[], mode: GroupDraft['mode'] = 'all'): GroupDraft => ({ key: nextKey(), mode, members });

export const countTests = (draft: Draft): number => (isGroup(draft) ? draft.members.reduce((sum, each) => sum + countTests(each), 0) : 1);

const textOf = (value: Value | undefined): string => (value === undefined ? '' : typeof value === 'number' ? String(value) : value.amount);

/** Whether the chief fields of a test hold an amount, whose currency is chosen beside it. */
export function choosesCurrency({ test, metric, unit, baseline }: TestDraft): boolean {
  if (!isMoneyMetric(metric)) return false;
  return test === 'level' || (test === 'move' && (unit === 'absolute' || baseline === 'fixed'));
}

function currencyOf(...values: (Value | undefined)[]): Partial<TestDraft> {
  const money = values.find((value) => typeof value === 'object');
  return typeof money === 'object' ? { currency: money.currency } : {};
}

const numberText = (value: number | undefined) => (value === undefined ? '' : String(value));

function testDraft(test: Test): TestDraft {
  switch (test.test) {
    case 'move': {
      const { baseline = { kind: 'previous' }, percent, absolute } = test;
      return newTest({
        test: 'move',
        metric: test.metric,
        direction: test.direction ?? 'both',
        unit: percent === undefined ? 'absolute' : 'percent',
        amount: percent === undefined ? textOf(absolute) : String(percent),
        baseline: baseline.kind,
        fixed: textOf(baseline.value),
        days: numberText(baseline.days ?? 30),
        minDays: numberText(baseline.min_days),
        minStep: textOf(test.min_step),
        hysteresis: percent === undefined ? textOf(test.hysteresis) : numberText(test.hysteresis_percent),
        step: percent === undefined ? textOf(test.step) : numberText(test.step_percent),
        ...currencyOf(absolute, baseline.value, test.min_step, test.hysteresis, test.step),
      });
    }
    case 'level':
      return newTest({
        test: 'level',
        metric: test.metric,
        bound: test.at_or_above === undefined ? 'at_or_below' : 'at_or_above',
        amount: textOf(test.at_or_below ?? test.at_or_above),
        hysteresis: textOf(test.hysteresis),
        step: textOf(test.step),
        ...currencyOf(test.at_or_below, test.at_or_above),
      });
    case 'extreme':
      return newTest({
        test: 'extreme',
        metric: test.metric,
        extreme: test.extreme,
        days: String(test.days),
        minDays: numberText(test.min_days),
        minStep: textOf(test.min_step),
        ...currencyOf(test.min_step),
      });
    case 'buy_box':
      return newTest({ test: 'buy_box', buyBox: test.event, seller: test.seller ?? '' });
    case 'availability':
      return newTest({ test: 'availability', stock: test.event, from: test.from ?? [], to: test.to ?? [] });
    case 'content':
      return newTest({ test: 'content', fields: test.fields ?? [...CONTENT_FIELDS] });
  }
}

const draftOf = (condition: Condition): Draft => {
  const group = membersOf(condition);
  return group === null ? testDraft(condition as Test) : newGroup(group.members.map(draftOf), group.mode);
};

/** The form of a condition that there is: always a group, if of one test only. */
export function formOf(condition: Condition): GroupDraft {
  const draft = draftOf(condition);
  return isGroup(draft) ? draft : newGroup([draft]);
}

/** A number as it was typed; what is none is sent as it is, for the server to say what is wrong with it. */
const numberOf = (text: string): number => Number(text.trim() === '' ? Number.NaN : text);

function valueOf(draft: TestDraft, text: string): Value {
  return isMoneyMetric(draft.metric) ? { amount: text.trim(), currency: draft.currency } : numberOf(text);
}

/** Only what was filled in. */
const given = <Name extends string, T>(name: Name, text: string, read: (text: string) => T): Partial<Record<Name, T>> =>
  text.trim() === '' ? {} : ({ [name]: read(text) } as Partial<Record<Name, T>>);

function baselineOf(draft: TestDraft): Baseline {
  const kind = draft.baseline;
  if (kind === 'median' || kind === 'average') {
    return { kind, days: numberOf(draft.days), ...given('min_days', draft.minDays, numberOf) };
  }
  return kind === 'fixed' ? { kind, value: valueOf(draft, draft.fixed) } : { kind };
}

function testOf(draft: TestDraft): Test {
  const value = (text: string) => valueOf(draft, text);
  const { metric } = draft;
  switch (draft.test) {
    case 'move': {
      const minStep = given('min_step', draft.minStep, value);
      const base = { test: 'move', metric, baseline: baselineOf(draft), direction: draft.direction } as const;
      // Against the value before, each move counts by itself: there is nothing to come back to.
      const again = draft.baseline !== 'previous';
      if (draft.unit === 'percent') {
        return {
          ...base,
          percent: numberOf(draft.amount),
          ...minStep,
          ...(again ? { ...given('hysteresis_percent', draft.hysteresis, numberOf), ...given('step_percent', draft.step, numberOf) } : {}),
        };
      }
      return {
        ...base,
        absolute: value(draft.amount),
        ...minStep,
        ...(again ? { ...given('hysteresis', draft.hysteresis, value), ...given('step', draft.step, value) } : {}),
      };
    }
    case 'level':
      return {
        test: 'level',
        metric,
        [draft.bound]: value(draft.amount),
        ...given('hysteresis', draft.hysteresis, value),
        ...given('step', draft.step, value),
      };
    case 'extreme':
      return {
        test: 'extreme',
        metric,
        extreme: draft.extreme,
        days: numberOf(draft.days),
        ...given('min_days', draft.minDays, numberOf),
        ...given('min_step', draft.minStep, value),
      };
    case 'buy_box':
      return { test: 'buy_box', event: draft.buyBox, ...(draft.buyBox === 'changed' ? {} : { seller: draft.seller.trim() }) };
    case 'availability':
      return {
        test: 'availability',
        event: draft.stock,
        ...(draft.stock === 'changed' && draft.from.length > 0 ? { from: draft.from } : {}),
        ...(draft.stock === 'changed' && draft.to.length > 0 ? { to: draft.to } : {}),
      };
    case 'content':
      return {
        test: 'content',
        ...(draft.fields.length === CONTENT_FIELDS.length ? {} : { fields: draft.fields }),
      };
  }
}

/** What the form asks for. A group of one is that one. */
export function conditionOf(draft: Draft): Condition {
  if (!isGroup(draft)) return testOf(draft);
  const [only, ...others] = draft.members;
  if (only !== undefined && others.length === 0) return conditionOf(only);
  const members = draft.members.map(conditionOf);
  return draft.mode === 'all' ? { all: members } : { any: members };
}

/** Where in the condition that is sent each test of the form stands, as a refusal names it. */
export function placesOf(draft: Draft, place = 'condition'): Map<number, string> {
  if (!isGroup(draft)) return new Map([[draft.key, place]]);
  const [only, ...others] = draft.members;
  if (only !== undefined && others.length === 0) return placesOf(only, place);
  return new Map(draft.members.flatMap((member, index) => [...placesOf(member, `${place}.${draft.mode}[${index}]`)]));
}
