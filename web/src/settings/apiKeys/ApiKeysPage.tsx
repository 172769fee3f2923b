import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRights } from '../../auth/useRights';
import { Button } from '../../ui/Button';
import { More } from '../../ui/More';
import { ErrorNotice, Notice } from '../../ui/Notice';
import { Skeleton } from '../../ui/Skeleton';
import { Section } from '../Section';
import { ApiKeyRow } from './ApiKeyRow';
import { CreateKeyDialog } from './CreateKeyDialog';
import { useApiKeys } from './queries';

/** Keys for programs: making, replacing and revoking them. */
export function ApiKeysPage() {
  const { t } = useTranslation();
  const { manage } = useRights();
  const [making, setMaking] = useState(false);
  const list = useApiKeys(manage);
  const all = list.data?.pages.flatMap((page) => page.items) ?? [];
  const add = (
    <Button look="primary" size="small" icon={<Plus aria-hidden className="size-4" />} onClick={() => setMaking(true)}>
      {t('apiKeys.create.action')}
    </Button>
  );
  return (
    <Section id="api-keys" title={t('apiKeys.title')} note={t(manage ? 'apiKeys.note' : 'settings.adminsOnly')} action={manage && all.length > 0 && add}>
      {!manage ? null : list.isPending ? (
        <div role="status" aria-label={t('common.loading')} className="space-y-3">
          <Skeleton className="h-14" />
          <Skeleton className="h-14" />
        </div>
      ) : list.isError && all.length === 0 ? (
        <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      ) : all.length === 0 ? (
        <Notice icon={<KeyRound />} title={t('apiKeys.empty')} action={add}>
          {t('apiKeys.emptyBody')}
        </Notice>
      ) : (
        <ul className="divide-y divide-line">
          {all.map((key) => (
            <ApiKeyRow key={key.id} apiKey={key} />
          ))}
        </ul>
      )}
      <More list={list} />
      {making && <CreateKeyDialog onClose={() => setMaking(false)} />}
    </Section>
  );
}
