import { useTranslation } from 'react-i18next';
import { SelectField } from '../ui/SelectField';
import type { TestDraft } from './draft';

/** Those that most marketplaces sell in stand first. */
const COMMON = ['USD', 'EUR', 'GBP', 'CNY', 'TWD', 'HKD', 'JPY', 'AUD', 'CAD', 'SGD'];

/** What the amounts of a test are in. */
export function CurrencyField({ draft, onChange }: { draft: TestDraft; onChange: (part: Partial<TestDraft>) => void }) {
  const { t } = useTranslation();
  const all = [...new Set([...COMMON, ...Intl.supportedValuesOf('currency'), draft.currency])];
  return (
    <SelectField
      label={t('rules.form.currency')}
      value={draft.currency}
      onChange={(event) => onChange({ currency: event.target.value })}
      options={all.map((code) => ({ value: code, label: code }))}
    />
  );
}
