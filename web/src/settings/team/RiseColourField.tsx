import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { priceTone, senseOf } from '../../format/delta';
import { useFormat } from '../../format/useFormat';
import { classes } from '../../ui/classes';
import { FieldError } from '../../ui/Field';
import { TONE_CLASS } from '../../ui/tones';

const COLOURS = ['green', 'red'] as const;

/** Which colour a rising price has, with an example of each. */
export function RiseColourField({
  value,
  onChange,
  error,
}: {
  value: string;
  onChange: (colour: string) => void;
  error?: string | null | undefined;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const id = useId();
  const chip = 'tabular rounded-full px-2 py-0.5 text-xs font-semibold whitespace-nowrap';
  return (
    <fieldset aria-describedby={`${id}-hint`}>
      <legend className="mb-1.5 text-sm font-medium">{t('team.rise.label')}</legend>
      <div className="grid gap-2">
        {COLOURS.map((colour) => (
          <label
            key={colour}
            className={classes(
              'flex cursor-pointer items-center gap-3 rounded-lg border p-3 transition-colors has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent',
              value === colour ? 'border-accent bg-accent-soft/40' : 'border-line hover:border-line-strong',
            )}
          >
            <input
              type="radio"
              name={`${id}-rise`}
              value={colour}
              checked={value === colour}
              onChange={() => onChange(colour)}
              className="size-4 shrink-0 accent-accent"
            />
            <span className="min-w-0 grow text-sm">{t(`team.rise.${colour}`)}</span>
            <span aria-hidden className="flex gap-1">
              <span className={classes(chip, TONE_CLASS[priceTone('up', senseOf(colour))])}>↑ {format.percent(5)}</span>
              <span className={classes(chip, TONE_CLASS[priceTone('down', senseOf(colour))])}>↓ {format.percent(-5)}</span>
            </span>
          </label>
        ))}
      </div>
      {error != null && error !== '' ? (
        <div className="mt-1.5">
          <FieldError>{error}</FieldError>
        </div>
      ) : (
        <p id={`${id}-hint`} className="mt-1.5 text-[0.8125rem] text-muted">
          {t('team.rise.hint')}
        </p>
      )}
    </fieldset>
  );
}
