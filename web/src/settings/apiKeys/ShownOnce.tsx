import { Check, Copy } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CreatedApiKey } from '../../api/types';
import { Button } from '../../ui/Button';
import { inputClass } from '../../ui/Field';

/** A new key, the only time it is seen. */
export function ShownOnce({ created, onClose }: { created: CreatedApiKey; onClose: () => void }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(created.key);
      setCopied(true);
    } catch {
      // Without permission, or on a plain-HTTP address: it is selected, and Ctrl+C works.
    }
  };
  return (
    <div>
      <p className="mb-4 rounded-lg bg-warn-soft px-3 py-2.5 text-[0.8125rem] text-warn">{t('apiKeys.once')}</p>
      <div className="flex flex-col gap-2 sm:flex-row">
        <input
          ref={field}
          readOnly
          autoFocus
          aria-label={t('apiKeys.key')}
          value={created.key}
          onFocus={(event) => event.target.select()}
          className={`${inputClass} font-mono text-[0.8125rem]!`}
        />
        <Button
          look={copied ? 'secondary' : 'primary'}
          icon={copied ? <Check aria-hidden className="size-4" /> : <Copy aria-hidden className="size-4" />}
          onClick={() => void copy()}
        >
          <span aria-live="polite">{t(copied ? 'apiKeys.copied' : 'apiKeys.copy')}</span>
        </Button>
      </div>
      <p className="mt-3 text-[0.8125rem] text-muted">
        {t('apiKeys.use')} <code className="font-mono break-all">X-API-Key: {created.prefix}…</code>
      </p>
      <div className="mt-6 flex justify-end">
        <Button onClick={onClose}>{t('apiKeys.done')}</Button>
      </div>
    </div>
  );
}
