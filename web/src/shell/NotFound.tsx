import { Compass } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { buttonClass } from '../ui/Button';
import { Notice } from '../ui/Notice';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Notice
      icon={<Compass />}
      title={t('problem.noPage.title')}
      action={
        <Link to="/" className={buttonClass('primary')}>
          {t('problem.noPage.home')}
        </Link>
      }
    >
      {t('problem.noPage.advice')}
    </Notice>
  );
}
