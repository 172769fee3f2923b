import { useTranslation } from 'react-i18next';
import type { Problem } from '../api/problem';
import { useFormat } from '../format/useFormat';
import { INTERVALS } from '../products/catalogue';
import { Checkbox } from '../ui/Checkbox';
import { Field, FieldError } from '../ui/Field';
import { SelectField } from '../ui/SelectField';
import { NextTimes } from './NextTimes';
import { needsZone, type Timing, zones } from './timing';
import { WindowsField } from './WindowsField';

/** The fields that a refusal may be about. */
const MORE = ['schedule', 'windows'] as const;

/** When to look: as suits the source, again and again, daily, or by a cron expression; in one's own time zone. */
export function TimingField({
  value,
  onChange,
  problem,
}: {
  value: Timing;
  onChange: (timing: Timing) => void;
  problem: Problem | null;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { mode } = value;
  const change = (part: Partial<Timing>) => onChange({ ...value, ...part });
  const intervals = [...new Set([...INTERVALS, ...(mode === 'interval' ? [value.seconds] : [])])].toSorted((a, b) => a - b);
  const known = zones();
  const choices = value.zone === null || known.includes(value.zone) ? known : [value.zone, ...known];
  const more = problem?.field(...MORE) ?? null;
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-3 sm:grid-cols-2">
        <SelectField
          label={t('track.interval')}
          value={mode === 'interval' ? String(value.seconds) : mode}
          onChange={({ target }) => {
            const seconds = Number(target.value);
            change(Number.isNaN(seconds) ? { mode: target.value as Timing['mode'] } : { mode: 'interval', seconds });
          }}
          options={[
            { value: 'default', label: t('track.recommended') },
            ...intervals.map((seconds) => ({
              value: String(seconds),
              label: t('track.every', { interval: format.interval(seconds) }),
            })),
            { value: 'daily', label: t('timing.daily') },
            { value: 'cron', label: t('timing.cron') },
          ]}
          error={problem?.field('interval_seconds', 'interval')}
        />
        {mode === 'daily' && (
          <Field
            label={t('timing.time')}
            type="time"
            required
            value={value.time}
            onChange={(event) => change({ time: event.target.value })}
            error={problem?.field('cron')}
          />
        )}
        {mode === 'cron' && (
          <Field
            label={t('timing.expression')}
            required
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            maxLength={200}
            className="font-mono"
            value={value.cron}
            onChange={(event) => change({ cron: event.target.value })}
            hint={t('timing.expressionHint')}
            error={problem?.field('cron')}
          />
        )}
        {mode !== 'default' && <WindowsField value={value.windows} onChange={(windows) => change({ windows })} problem={problem} />}
        {needsZone(value) && (
          <SelectField
            label={t('timing.zone')}
            value={value.zone ?? ''}
            onChange={(event) => change({ zone: event.target.value === '' ? null : event.target.value })}
            options={[{ value: '', label: t('timing.teamZone') }, ...choices.map((zone) => ({ value: zone, label: zone }))]}
            error={problem?.field('time_zone')}
          />
        )}
      </div>
      {mode === 'interval' && (
        <Checkbox
          label={t('timing.adaptive')}
          hint={t('timing.adaptiveHint')}
          checked={value.adaptive}
          onChange={(event) => change({ adaptive: event.target.checked })}
        />
      )}
      {more !== null && <FieldError>{more}</FieldError>}
      {mode !== 'default' && <NextTimes timing={value} />}
    </div>
  );
}
