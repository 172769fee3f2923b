import { useTranslation } from 'react-i18next';
import type { Problem } from '../api/problem';
import { useFormat } from '../format/useFormat';
import { classes } from '../ui/classes';
import { Field, FieldError } from '../ui/Field';
import { SelectField } from '../ui/SelectField';
import { DAYS, presetOf, PRESETS, type Preset, type Window } from './timing';

const OWN: Window = { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '20:00' };

/** Within which hours of the week to look. */
export function WindowsField({
  value,
  onChange,
  problem,
}: {
  value: Window[];
  onChange: (windows: Window[]) => void;
  problem: Problem | null;
}) {
  const { t } = useTranslation();
  const preset = presetOf(value);
  const [first, ...others] = value;
  const own = preset === null && first !== undefined ? first : null;
  return (
    <>
      <SelectField
        label={t('timing.when')}
        value={value.length === 0 ? 'always' : (preset ?? 'own')}
        onChange={({ target }) => {
          if (target.value === 'always') onChange([]);
          else if (target.value === 'own') onChange([OWN]);
          else onChange(PRESETS[target.value as Preset].map((window) => ({ ...window, days: [...window.days] })));
        }}
        options={(['always', 'business', 'weekend', 'own'] as const).map((name) => ({
          value: name,
          label: t(`timing.windows.${name}`),
        }))}
      />
      {own !== null && (
        <OwnWindow
          value={own}
          onChange={(window) => onChange([window, ...others])}
          error={problem?.field('days', 'windows[0].days') ?? null}
        />
      )}
    </>
  );
}

function OwnWindow({
  value,
  onChange,
  error,
}: {
  value: Window;
  onChange: (window: Window) => void;
  error: string | null;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const toggle = (day: string) => {
    const days = value.days.includes(day) ? value.days.filter((each) => each !== day) : [...value.days, day];
    onChange({ ...value, days });
  };
  return (
    <div className="flex flex-wrap items-end gap-3 sm:col-span-2">
      <div role="group" aria-label={t('timing.days')} className="flex flex-wrap gap-1">
        {DAYS.map((day, place) => (
          <button
            key={day}
            type="button"
            aria-pressed={value.days.includes(day)}
            onClick={() => toggle(day)}
            className={classes(
              'h-10 min-w-10 rounded-lg border px-2 text-[0.8125rem] font-medium transition-colors',
              value.days.includes(day)
                ? 'border-accent bg-accent-soft text-accent'
                : 'border-line bg-surface text-muted hover:border-line-strong',
            )}
          >
            {format.weekday(place)}
          </button>
        ))}
      </div>
      <Field
        label={t('timing.from')}
        type="time"
        required
        value={value.from}
        onChange={(event) => onChange({ ...value, from: event.target.value })}
      />
      <Field
        label={t('timing.to')}
        type="time"
        required
        value={value.to}
        onChange={(event) => onChange({ ...value, to: event.target.value })}
      />
      {error !== null && <FieldError>{error}</FieldError>}
    </div>
  );
}
