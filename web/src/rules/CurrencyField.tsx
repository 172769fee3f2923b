import { useTranslation } from 'react-i18next';
import { currencies } from '../format/currencies';
import { SelectField } from '../ui/SelectField';
import type { TestDraft } from './draft';

/** What the amounts of a test are in. */
export function CurrencyField({ draft, onChange }: { draft: TestDraft; onChange: (part: Partial<TestDraft>) => void }) {
  const { t } = useTranslation();
  return (
    <SelectField
      label={t('rules.form.currency')}
      value={draft.currency}
      onChange={(event) => onChange({ currency: event.target.value })}
      options={currencies(draft.currency).map((code) => ({ value: code, label: code }))}
    />
  );
}
