import { CircleAlert, CircleCheck, CircleDashed, KeyRound, type LucideIcon, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../api/problem';
import type { Source } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { useRights } from '../auth/useRights';
import { RelativeTime } from '../format/RelativeTime';
import { Badge } from '../ui/Badge';
import { Button } from '../ui/Button';
import { ConfirmDialog } from '../ui/Dialog';
import { FieldError } from '../ui/Field';
import { CredentialDialog } from './CredentialDialog';
import { useCredentialChanges } from './queries';
import { isCredentialStatus, opened, statusTone } from './words';

const ICONS: Record<string, LucideIcon> = { works: CircleCheck, failed: CircleAlert, untested: CircleDashed, none: KeyRound };

/** The team's access to a source that is read with an account: how it stands, and for those who may, changing it. */
export function CredentialPanel({ source }: { source: Source }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const { manage } = useRights();
  const [editing, setEditing] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const { test, remove } = useCredentialChanges(source.name);
  const credential = source.credential ?? null;
  const status = credential?.status ?? 'none';
  const Icon = ICONS[status] ?? CircleDashed;

  return (
    <div className="mt-auto rounded-xl border border-line p-3.5">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-sm font-semibold">{t('sources.credential.title')}</h3>
        <Badge tone={statusTone(status)}>
          <Icon aria-hidden className="size-3.5 shrink-0" />
          {isCredentialStatus(status) ? t(`sources.credential.status.${status}`) : opened(status)}
        </Badge>
      </div>
      <p className="mt-1.5 text-[0.8125rem] text-muted wrap-break-word" aria-live="polite">
        {credential === null ? (
          t(manage ? 'sources.credential.noneBody' : 'sources.credential.noneForMembers')
        ) : (
          <>
            {credential.message}
            {credential.checked_at != null && (
              <>
                {credential.message !== '' && ' · '}
                {t('sources.credential.checked')} <RelativeTime at={credential.checked_at} />
              </>
            )}
          </>
        )}
      </p>
      {manage ? (
        <div className="mt-3 flex flex-wrap gap-2">
          <Button size="small" look={credential === null ? 'primary' : 'secondary'} onClick={() => setEditing(true)}>
            {t(credential === null ? 'sources.credential.add' : 'sources.credential.replace')}
          </Button>
          {credential !== null && (
            <>
              <Button size="small" busy={test.isPending} onClick={() => test.mutate()}>
                {t('sources.credential.test')}
              </Button>
              <Button
                size="small"
                look="danger"
                icon={<Trash2 aria-hidden className="size-3.5" />}
                onClick={() => setDeleting(true)}
              >
                {t('common.delete')}
              </Button>
            </>
          )}
        </div>
      ) : (
        credential !== null && <p className="mt-2 text-xs text-muted">{t('sources.credential.adminsOnly')}</p>
      )}
      {test.isError && (
        <div className="mt-2">
          <FieldError>{problemText(asProblem(test.error)).advice}</FieldError>
        </div>
      )}
      {editing && <CredentialDialog source={source} onClose={() => setEditing(false)} />}
      <ConfirmDialog
        open={deleting}
        onOpenChange={setDeleting}
        title={t('sources.credential.deleteTitle', { source: source.label })}
        description={t('sources.credential.deleteBody', { source: source.label })}
        confirm={t('common.delete')}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(undefined, { onSuccess: () => setDeleting(false) })}
      />
    </div>
  );
}
