import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { classes } from '../ui/classes';
import { isMoneyMetric } from './condition';
import { CurrencyField } from './CurrencyField';
import { choosesCurrency } from './draft';
import { type FieldsProps, NumberField } from './TestFields';

/** What keeps a test from telling too much, or too little; closed until somebody wants it or it is in use. */
export function FineTuning({ draft, onChange, errorOf }: FieldsProps) {
  const { t } = useTranslation();
  const { test } = draft;
  const refused = errorOf('min_step', 'hysteresis', 'hysteresis_percent', 'step', 'step_percent', 'min_days', 'baseline.min_days');
  const used = [draft.minStep, draft.hysteresis, draft.step, draft.minDays].some((text) => text !== '');
  const [wanted, setWanted] = useState<boolean | null>(null);
  const open = (wanted ?? used) || refused !== null;
  const long = test === 'extreme' || (test === 'move' && (draft.baseline === 'median' || draft.baseline === 'average'));
  const again = test === 'level' || (test === 'move' && draft.baseline !== 'previous');
  const unit = isMoneyMetric(draft.metric) ? draft.currency : null;
  // The amounts here have a currency, which none of the fields before asked for.
  const unasked = unit !== null && !choosesCurrency(draft);
  const marginUnit = test === 'move' && draft.unit === 'percent' ? '%' : unit;
  const named = (label: string, of: string | null) => (of === null ? label : `${label} (${of})`);
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setWanted(!open)}
        className="inline-flex items-center gap-1 rounded-md text-[0.8125rem] font-medium text-muted hover:text-ink"
      >
        <ChevronRight aria-hidden className={classes('size-4 transition-transform', open && 'rotate-90')} />
        {t('rules.form.more')}
      </button>
      {!open && draft.minStep !== '' && unasked && (
        <div className="mt-3 grid gap-4 sm:grid-cols-2">
          <CurrencyField draft={draft} onChange={onChange} />
        </div>
      )}
      {open && (
        <div className="mt-3 grid gap-4 sm:grid-cols-2">
          {test !== 'level' && (
            <NumberField
              label={named(t('rules.form.minStep'), unit)}
              value={draft.minStep}
              onChange={(minStep) => onChange({ minStep })}
              hint={t('rules.form.minStepHint')}
              error={errorOf('min_step')}
            />
          )}
          {unasked && <CurrencyField draft={draft} onChange={onChange} />}
          {again && (
            <>
              <NumberField
                label={named(t('rules.form.hysteresis'), marginUnit)}
                value={draft.hysteresis}
                onChange={(hysteresis) => onChange({ hysteresis })}
                hint={t('rules.form.hysteresisHint')}
                error={errorOf('hysteresis', 'hysteresis_percent')}
              />
              <NumberField
                label={named(t('rules.form.step'), marginUnit)}
                value={draft.step}
                onChange={(step) => onChange({ step })}
                hint={t('rules.form.stepHint')}
                error={errorOf('step', 'step_percent')}
              />
            </>
          )}
          {long && (
            <NumberField
              label={t('rules.form.minDays')}
              whole
              max={365}
              value={draft.minDays}
              onChange={(minDays) => onChange({ minDays })}
              hint={t('rules.form.minDaysHint')}
              error={errorOf('min_days', 'baseline.min_days')}
            />
          )}
        </div>
      )}
    </div>
  );
}
