import { useTranslation } from 'react-i18next';
import type { Problem } from '../api/problem';
import { isAvailability } from '../products/catalogue';
import { opened } from '../sources/words';
import { Field, FieldError } from '../ui/Field';
import { SelectField } from '../ui/SelectField';
import { ToggleGroup } from '../ui/ToggleGroup';
import {
  BASELINES,
  BUY_BOX_EVENTS,
  CONTENT_FIELDS,
  DIRECTIONS,
  isMoneyMetric,
  METRICS,
  STOCK_EVENTS,
} from './condition';
import { CurrencyField } from './CurrencyField';
import { choosesCurrency, type TestDraft } from './draft';
import { FineTuning } from './FineTuning';

const TESTS = ['move', 'level', 'extreme', 'buy_box', 'availability', 'content'] as const;
const STATES = ['in_stock', 'out_of_stock', 'pre_order', 'coming_soon', 'discontinued', 'not_found'] as const;

export interface FieldsProps {
  draft: TestDraft;
  onChange: (part: Partial<TestDraft>) => void;
  /** What the server said of one of the test's fields, by the names that it sends. */
  errorOf: (...names: string[]) => string | null;
}

/** Where a refusal points: a test that is tried out stands one level deeper in what is sent. */
export const pointOf = (field: string): string => field.replace(/^rule\./, '');

/** Whether a refusal of a trial is about the rule that was tried. */
export const ofRule = (field: string): boolean => field.startsWith('rule.');

/** What the server refused of one test: by field, or of the test as a whole. */
export function errorsAt(problem: Problem | null, place: string | undefined): FieldsProps['errorOf'] {
  return (...names) => {
    if (problem === null || place === undefined) return null;
    const found = problem.errors.find((error) => {
      const point = pointOf(error.field);
      return names.length === 0
        ? point === place
        : names.some((name) => point === `${place}.${name}` || point.startsWith(`${place}.${name}.`));
    });
    return found?.message ?? null;
  };
}

/** The fields of one test. Only those that its kind has are shown. */
export function TestFields({ draft, onChange, errorOf }: FieldsProps) {
  const { t } = useTranslation();
  const { test } = draft;
  const whole = errorOf();
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={t('rules.form.test')}
          value={test}
          onChange={(event) => onChange({ test: event.target.value as TestDraft['test'] })}
          options={TESTS.map((each) => ({ value: each, label: t(`rules.test.${each}`) }))}
          error={errorOf('test')}
        />
        {(test === 'move' || test === 'level' || test === 'extreme') && (
          <SelectField
            label={t('rules.form.metric')}
            value={draft.metric}
            onChange={(event) => onChange({ metric: event.target.value as TestDraft['metric'] })}
            options={METRICS.map((each) => ({ value: each, label: t(`compare.metric.${each}`) }))}
            error={errorOf('metric')}
          />
        )}
        {test === 'move' && <MoveFields draft={draft} onChange={onChange} errorOf={errorOf} />}
        {test === 'level' && <LevelFields draft={draft} onChange={onChange} errorOf={errorOf} />}
        {test === 'extreme' && <ExtremeFields draft={draft} onChange={onChange} errorOf={errorOf} />}
        {test === 'buy_box' && <BuyBoxFields draft={draft} onChange={onChange} errorOf={errorOf} />}
        {test === 'availability' && (
          <SelectField
            label={t('rules.form.event')}
            value={draft.stock}
            onChange={(event) => onChange({ stock: event.target.value as TestDraft['stock'] })}
            options={STOCK_EVENTS.map((each) => ({ value: each, label: t(`rules.event.stock.${each}`) }))}
            error={errorOf('event')}
          />
        )}
      </div>
      {test === 'availability' &&
        draft.stock === 'changed' &&
        (['from', 'to'] as const).map((end) => (
          <ToggleGroup
            key={end}
            label={t(`rules.form.${end}States`)}
            chosen={draft[end]}
            onChange={(chosen) => onChange({ [end]: chosen })}
            options={STATES.map((state) => ({ value: state, label: isAvailability(state) ? t(`availability.${state}`) : opened(state) }))}
            error={errorOf(end)}
          />
        ))}
      {test === 'content' && (
        <ToggleGroup
          label={t('rules.form.fields')}
          chosen={draft.fields}
          // One part at least is watched.
          onChange={(chosen) => chosen.length > 0 && onChange({ fields: CONTENT_FIELDS.filter((field) => chosen.includes(field)) })}
          options={CONTENT_FIELDS.map((field) => ({ value: field, label: t(`rules.content.${field}`) }))}
          error={errorOf('fields')}
        />
      )}
      {(test === 'move' || test === 'level' || test === 'extreme') && <FineTuning draft={draft} onChange={onChange} errorOf={errorOf} />}
      {whole !== null && <FieldError>{whole}</FieldError>}
    </div>
  );
}

function MoveFields({ draft, onChange, errorOf }: FieldsProps) {
  const { t } = useTranslation();
  const money = isMoneyMetric(draft.metric);
  const long = draft.baseline === 'median' || draft.baseline === 'average';
  const direction = (each: TestDraft['direction']) =>
    draft.metric === 'rank' && each !== 'both' ? t(each === 'down' ? 'rules.form.rankDown' : 'rules.form.rankUp') : t(`rules.form.${each}`);
  return (
    <>
      <SelectField
        label={t('rules.form.direction')}
        value={draft.direction}
        onChange={(event) => onChange({ direction: event.target.value as TestDraft['direction'] })}
        options={DIRECTIONS.map((each) => ({ value: each, label: direction(each) }))}
        error={errorOf('direction')}
      />
      <div className="grid grid-cols-[1fr_7rem] gap-2">
        <NumberField
          label={t('rules.form.amount')}
          required
          value={draft.amount}
          onChange={(amount) => onChange({ amount })}
          error={errorOf('percent', 'absolute')}
        />
        <SelectField
          label={t('rules.form.unit')}
          value={draft.unit === 'percent' ? 'percent' : money ? draft.currency : 'absolute'}
          onChange={(event) => onChange({ unit: event.target.value === 'percent' ? 'percent' : 'absolute' })}
          options={[
            { value: 'percent', label: t('rules.form.percent') },
            money ? { value: draft.currency, label: draft.currency } : { value: 'absolute', label: t('rules.form.pieces') },
          ]}
        />
      </div>
      <SelectField
        label={t('rules.form.baseline')}
        value={draft.baseline}
        onChange={(event) => onChange({ baseline: event.target.value as TestDraft['baseline'] })}
        options={BASELINES.map((each) => ({ value: each, label: t(`rules.form.${each}`) }))}
        error={errorOf('baseline.kind', 'baseline')}
      />
      {long && (
        <NumberField
          label={t('rules.form.days')}
          required
          whole
          max={365}
          value={draft.days}
          onChange={(days) => onChange({ days })}
          error={errorOf('baseline.days')}
        />
      )}
      {draft.baseline === 'fixed' && (
        <NumberField
          label={t('rules.form.value')}
          required
          value={draft.fixed}
          onChange={(fixed) => onChange({ fixed })}
          error={errorOf('baseline.value')}
        />
      )}
      {choosesCurrency(draft) && <CurrencyField draft={draft} onChange={onChange} />}
    </>
  );
}

function LevelFields({ draft, onChange, errorOf }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <SelectField
        label={t('rules.form.bound')}
        value={draft.bound}
        onChange={(event) => onChange({ bound: event.target.value as TestDraft['bound'] })}
        options={(['at_or_below', 'at_or_above'] as const).map((each) => ({ value: each, label: t(`rules.form.${each}`) }))}
      />
      <div className={isMoneyMetric(draft.metric) ? 'grid grid-cols-[1fr_7rem] gap-2' : ''}>
        <NumberField
          label={t('rules.form.value')}
          required
          value={draft.amount}
          onChange={(amount) => onChange({ amount })}
          error={errorOf('at_or_below', 'at_or_above')}
        />
        {choosesCurrency(draft) && <CurrencyField draft={draft} onChange={onChange} />}
      </div>
    </>
  );
}

function ExtremeFields({ draft, onChange, errorOf }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <SelectField
        label={t('rules.form.extreme')}
        value={draft.extreme}
        onChange={(event) => onChange({ extreme: event.target.value as TestDraft['extreme'] })}
        options={(['lowest', 'highest'] as const).map((each) => ({ value: each, label: t(`rules.form.${each}`) }))}
        error={errorOf('extreme')}
      />
      <NumberField
        label={t('rules.form.days')}
        required
        whole
        max={365}
        value={draft.days}
        onChange={(days) => onChange({ days })}
        error={errorOf('days')}
      />
    </>
  );
}

function BuyBoxFields({ draft, onChange, errorOf }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <SelectField
        label={t('rules.form.event')}
        value={draft.buyBox}
        onChange={(event) => onChange({ buyBox: event.target.value as TestDraft['buyBox'] })}
        options={BUY_BOX_EVENTS.map((each) => ({ value: each, label: t(`rules.event.buyBox.${each}`) }))}
        error={errorOf('event')}
      />
      {draft.buyBox !== 'changed' && (
        <Field
          label={t('rules.form.seller')}
          required
          maxLength={200}
          autoComplete="off"
          value={draft.seller}
          onChange={(event) => onChange({ seller: event.target.value })}
          hint={t('rules.form.sellerHint')}
          error={errorOf('seller')}
        />
      )}
    </>
  );
}

/** A number, kept as it was typed. */
export function NumberField({
  label,
  value,
  onChange,
  whole = false,
  max,
  required = false,
  hint,
  error,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  whole?: boolean;
  max?: number;
  required?: boolean;
  hint?: string;
  error: string | null;
}) {
  return (
    <Field
      label={label}
      type="number"
      inputMode={whole ? 'numeric' : 'decimal'}
      step={whole ? 1 : 'any'}
      min={whole ? 1 : 0}
      max={max}
      required={required}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      hint={hint}
      error={error}
    />
  );
}
