import { LockOpen } from 'lucide-react';
import { useTranslation } from 'react-i18next';

/** In the place of a form that could not succeed: without HTTPS browsers drop the session's cookies. */
export function NeedsHttps() {
  const { t } = useTranslation();
  return (
    <div role="alert" className="flex items-start gap-2.5 rounded-lg bg-warn-soft px-3 py-2.5 text-[0.8125rem] text-warn">
      <LockOpen aria-hidden className="mt-px size-4 shrink-0" />
      <p>
        <strong className="font-semibold">{t('door.needsHttps')}</strong> {t('door.needsHttpsHint')}
      </p>
    </div>
  );
}
