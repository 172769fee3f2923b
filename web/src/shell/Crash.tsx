import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';

/** Shown when a page's own code failed, or a part of it could not be loaded after an update. */
export function Crash() {
  const { t } = useTranslation();
  return (
    <main className="mx-auto max-w-xl p-6 pt-20">
      <Notice
        icon={<TriangleAlert />}
        title={t('problem.crash.title')}
        action={
          <Button look="primary" onClick={() => window.location.reload()}>
            {t('problem.crash.reload')}
          </Button>
        }
      >
        {t('problem.crash.advice')}
      </Notice>
    </main>
  );
}
