import { Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../api/problem';
import { useProblemText } from '../api/useProblemText';
import { useRights } from '../auth/useRights';
import { useFormat } from '../format/useFormat';
import { useRestore } from '../settings/data/queries';
import { useTenant } from '../settings/queries';
import { Banner, bannerAction } from '../ui/Banner';
import { toast } from '../ui/toasts';

/** Says when the team will be deleted, and lets its owner take that back. */
export function DeletionBanner() {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const { own } = useRights();
  const { data: tenant } = useTenant();
  const restore = useRestore();
  if (tenant?.delete_at == null) return null;
  return (
    <Banner
      tone="bad"
      icon={<Trash2 aria-hidden />}
      action={
        own && (
          <button
            type="button"
            className={bannerAction}
            disabled={restore.isPending}
            onClick={() =>
              restore.mutate(undefined, {
                onSuccess: () => toast({ title: t('data.delete.restored') }),
                onError: (error) => toast({ title: t('data.delete.restoreFailed'), body: problemText(asProblem(error)).advice }),
              })
            }
          >
            {t('data.delete.restore')}
          </button>
        )
      }
    >
      <strong className="font-semibold">{t('banner.deletion', { date: format.dateTime(tenant.delete_at) })}</strong>{' '}
      {t('banner.deletionHint')}
    </Banner>
  );
}
