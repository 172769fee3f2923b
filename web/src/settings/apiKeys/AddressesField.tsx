import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldError, inputClass } from '../../ui/Field';

/** From where a key may be used; nothing: from anywhere. */
export function AddressesField({ value, onChange, error }: { value: string; onChange: (text: string) => void; error: string | null }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {t('apiKeys.addresses')}
      </label>
      <textarea
        id={id}
        rows={2}
        spellCheck={false}
        autoCapitalize="none"
        placeholder={'203.0.113.7\n2001:db8::/32'}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-invalid={error !== null || undefined}
        aria-describedby={`${id}-${error === null ? 'hint' : 'error'}`}
        className={`${inputClass} h-auto! min-h-16 resize-y py-2 font-mono text-[0.8125rem]!`}
      />
      {error === null ? (
        <p id={`${id}-hint`} className="text-[0.8125rem] text-muted">
          {t('apiKeys.addressesHint')}
        </p>
      ) : (
        <FieldError id={`${id}-error`}>{error}</FieldError>
      )}
    </div>
  );
}
