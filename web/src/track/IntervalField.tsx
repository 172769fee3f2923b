import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/useFormat';
import { INTERVALS } from '../products/catalogue';
import { SelectField } from '../ui/SelectField';

/** How often to look; `null` leaves it to the source. */
export function IntervalField({
  value,
  onChange,
  error,
}: {
  value: number | null;
  onChange: (seconds: number | null) => void;
  error?: string | null;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <SelectField
      label={t('track.interval')}
      value={value === null ? '' : String(value)}
      onChange={(event) => onChange(event.target.value === '' ? null : Number(event.target.value))}
      options={[
        { value: '', label: t('track.recommended') },
        ...INTERVALS.map((seconds) => ({
          value: String(seconds),
          label: t('track.every', { interval: format.interval(seconds) }),
        })),
      ]}
      error={error}
    />
  );
}
