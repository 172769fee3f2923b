import { useTranslation } from 'react-i18next';
import { useProfileQuery } from '../../auth/useProfile';
import { useRights } from '../../auth/useRights';
import { DeleteSection } from './DeleteSection';
import { ExportSection } from './ExportSection';

/** Taking the team's data along, and deleting it: the owner's. */
export function DataPage() {
  const { t } = useTranslation();
  const { own } = useRights();
  const { isPending } = useProfileQuery();
  if (!own) return isPending ? null : <p className="text-sm text-muted">{t('data.ownersOnly')}</p>;
  return (
    <>
      <ExportSection />
      <DeleteSection />
    </>
  );
}
