import { describe, expect, it } from 'vitest';
import { type Condition, readCondition, testsOf } from './condition';
import { choosesCurrency, conditionOf, countTests, formOf, newGroup, newTest, placesOf } from './draft';

const CONDITIONS: Condition[] = [
  { test: 'move', metric: 'price', baseline: { kind: 'previous' }, direction: 'both', percent: 10 },
  {
    test: 'move',
    metric: 'price',
    baseline: { kind: 'median', days: 30, min_days: 7 },
    direction: 'down',
    percent: 15,
    min_step: { amount: '0.50', currency: 'EUR' },
    hysteresis_percent: 3,
    step_percent: 5,
  },
  { test: 'move', metric: 'rank', baseline: { kind: 'average', days: 30 }, direction: 'up', absolute: 500, hysteresis: 100, step: 250 },
  { test: 'move', metric: 'price', baseline: { kind: 'fixed', value: { amount: '49.00', currency: 'USD' } }, direction: 'both', percent: 5 },
  {
    test: 'level',
    metric: 'price',
    at_or_below: { amount: '19.99', currency: 'USD' },
    hysteresis: { amount: '1.00', currency: 'USD' },
    step: { amount: '0.50', currency: 'USD' },
  },
  { test: 'level', metric: 'rating', at_or_above: 4.5 },
  { test: 'extreme', metric: 'price', extreme: 'lowest', days: 90, min_days: 7, min_step: { amount: '0.05', currency: 'USD' } },
  { test: 'buy_box', event: 'changed' },
  { test: 'buy_box', event: 'lost', seller: 'Acme Shop' },
  { test: 'availability', event: 'restock' },
  { test: 'availability', event: 'changed', from: ['in_stock'], to: ['pre_order', 'discontinued'] },
  { test: 'content', fields: ['title'] },
  { test: 'content' },
  {
    any: [
      { test: 'level', metric: 'stock_quantity', at_or_below: 5 },
      { all: [{ test: 'buy_box', event: 'changed' }, { test: 'content' }] },
    ],
  },
];

describe('a condition', () => {
  it.each(CONDITIONS.map((condition) => [JSON.stringify(condition), condition]))('goes through the form unchanged: %s', (_, condition) => {
    expect(readCondition(structuredClone(condition))).toEqual(condition);
    expect(conditionOf(formOf(condition as Condition))).toEqual(condition);
  });

  it('is not read when it has what this page does not know', () => {
    expect(readCondition({ test: 'moon', phase: 'full' })).toBeNull();
    expect(readCondition({ any: [{ test: 'content' }, { test: 'level', metric: 'weight', at_or_below: 3 }] })).toBeNull();
    expect(readCondition(null)).toBeNull();
    expect(readCondition({ test: 'move', metric: 'price', baseline: { kind: 'tomorrow' }, percent: 3 })).toBeNull();
  });

  it('is read without the parts that are null', () => {
    expect(readCondition({ test: 'level', metric: 'rating', at_or_above: 4, at_or_below: null, step: null })).toEqual({
      test: 'level',
      metric: 'rating',
      at_or_above: 4,
    });
  });
});

describe('the form', () => {
  it('leaves out what does not belong to the chosen test', () => {
    const draft = newTest({ hysteresis: '3', step: '5', seller: 'Acme', days: '90' });
    expect(conditionOf(draft)).toEqual({ test: 'move', metric: 'price', baseline: { kind: 'previous' }, direction: 'down', percent: 10 });
  });

  it('knows where a refusal points', () => {
    const [first, second, third] = [newTest(), newTest(), newTest()];
    const form = newGroup([first, newGroup([second, third], 'any')]);
    expect(placesOf(form)).toEqual(
      new Map([
        [first.key, 'condition.all[0]'],
        [second.key, 'condition.all[1].any[0]'],
        [third.key, 'condition.all[1].any[1]'],
      ]),
    );
    expect(placesOf(newGroup([first]))).toEqual(new Map([[first.key, 'condition']]));
    expect(countTests(form)).toBe(3);
    expect(testsOf(conditionOf(form))).toHaveLength(3);
  });
});

describe('choosesCurrency', () => {
  const test = newTest({ test: 'move', metric: 'price' });
  it('is where the chief amount of a test is money; elsewhere a least step has to ask for its currency', () => {
    expect(choosesCurrency({ ...test, test: 'level' })).toBe(true);
    expect(choosesCurrency({ ...test, test: 'extreme' })).toBe(false);
    expect(choosesCurrency({ ...test, unit: 'percent', baseline: 'previous' })).toBe(false);
    expect(choosesCurrency({ ...test, unit: 'absolute' })).toBe(true);
    expect(choosesCurrency({ ...test, unit: 'percent', baseline: 'fixed' })).toBe(true);
    expect(choosesCurrency({ ...test, test: 'level', metric: 'rank' })).toBe(false);
  });
});
