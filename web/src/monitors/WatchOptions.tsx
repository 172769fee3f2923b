import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../api/problem';
import { useFormat } from '../format/useFormat';
import { Checkbox } from '../ui/Checkbox';
import { Field } from '../ui/Field';
import { SelectField } from '../ui/SelectField';
import { DEFAULT_TRACK_UP_TO, MOST_TRACKED, RUN_INTERVALS } from './kinds';

export interface Watch {
  interval_seconds: number;
  alert: boolean;
  track_up_to: number;
}

/** What monitors and categories have in common: how often, whether to tell, whether to track by itself. */
export function WatchOptions({
  value,
  onChange,
  problem,
}: {
  value: Watch;
  onChange: (change: Partial<Watch>) => void;
  problem: Problem | null;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const choices = [...new Set([...RUN_INTERVALS, value.interval_seconds])].toSorted((a, b) => a - b);
  return (
    <>
      <SelectField
        label={t('monitors.form.interval')}
        value={String(value.interval_seconds)}
        onChange={(event) => onChange({ interval_seconds: Number(event.target.value) })}
        options={choices.map((seconds) => ({
          value: String(seconds),
          label: t('track.every', { interval: format.interval(seconds) }),
        }))}
        error={problem?.field('interval_seconds')}
      />
      <Checkbox
        label={t('monitors.form.alert')}
        hint={t('monitors.form.alertHint')}
        checked={value.alert}
        onChange={(event) => onChange({ alert: event.target.checked })}
      />
      <Checkbox
        label={t('monitors.form.track')}
        hint={t('monitors.form.trackHint')}
        checked={value.track_up_to > 0}
        onChange={(event) => onChange({ track_up_to: event.target.checked ? DEFAULT_TRACK_UP_TO : 0 })}
      />
      {value.track_up_to > 0 && (
        <TrackUpTo
          value={value.track_up_to}
          onChange={(most) => onChange({ track_up_to: most })}
          error={problem?.field('track_up_to')}
        />
      )}
    </>
  );
}

/** What is typed stays as it is typed: an emptied field is not a number yet, and cannot be sent. */
function TrackUpTo({
  value,
  onChange,
  error,
}: {
  value: number;
  onChange: (most: number) => void;
  error: string | null | undefined;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState(String(value));
  return (
    <Field
      label={t('monitors.form.trackUpTo')}
      type="number"
      inputMode="numeric"
      min={1}
      max={MOST_TRACKED}
      step={1}
      required
      className="ml-6.5"
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        const most = event.target.valueAsNumber;
        if (Number.isInteger(most) && most >= 1) onChange(most);
      }}
      error={error}
    />
  );
}
