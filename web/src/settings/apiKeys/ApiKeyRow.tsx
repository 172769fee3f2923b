import { RefreshCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiKey } from '../../api/types';
import { LabelledTime } from '../../format/LabelledTime';
import { useFormat } from '../../format/useFormat';
import { useNow } from '../../format/useNow';
import { Badge } from '../../ui/Badge';
import { IconButton } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/Dialog';
import { type KeyState, SCOPES, stateOf } from './draft';
import { useApiKeyChanges } from './queries';
import { RotateKeyDialog } from './RotateKeyDialog';

const TONES = { active: 'plain', expiring: 'warn', expired: 'plain', replaced: 'warn' } as const satisfies Record<KeyState, string>;

/** A key as it is listed: what it may do, when it was used, and until when it works. */
export function ApiKeyRow({ apiKey }: { apiKey: ApiKey }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const [open, setOpen] = useState<'rotate' | 'revoke' | null>(null);
  const { revoke } = useApiKeyChanges();
  const { name } = apiKey;
  const state = stateOf(apiKey, now);
  const addresses = apiKey.allowed_addresses ?? [];
  const scope = (word: string) => SCOPES.find((each) => each === word);
  return (
    <li className="flex items-start gap-3 py-3.5 first:pt-0 last:pb-0">
      <div className="min-w-0 grow">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm font-medium wrap-break-word">
          {name}
          <code className="rounded bg-sunken px-1.5 py-0.5 font-mono text-xs text-muted">{apiKey.prefix}…</code>
          {state !== 'active' && <Badge tone={TONES[state]}>{t(`apiKeys.state.${state}`)}</Badge>}
        </p>
        <p className="mt-1 flex flex-wrap gap-1">
          {apiKey.scopes.map((word) => {
            const known = scope(word);
            return (
              <Badge key={word} tone={word === 'admin' ? 'warm' : 'plain'}>
                {known === undefined ? word : t(`apiKeys.scope.${known}`)}
              </Badge>
            );
          })}
        </p>
        <p className="mt-1 text-[0.8125rem] wrap-break-word text-muted">
          {apiKey.last_used_at == null ? (
            t('apiKeys.neverUsed')
          ) : (
            <LabelledTime label={t('apiKeys.used')} at={apiKey.last_used_at} />
          )}
          {' · '}
          <LabelledTime label={t('apiKeys.made')} at={apiKey.created_at} />
          {apiKey.expires_at != null && (
            <>
              {' · '}
              {t(state === 'expired' ? 'apiKeys.ended' : 'apiKeys.until', { date: format.dateTime(apiKey.expires_at) })}
            </>
          )}
        </p>
        {addresses.length > 0 && (
          <p className="mt-0.5 text-[0.8125rem] break-all text-muted">
            {t('apiKeys.onlyFrom', { addresses: addresses.join(t('common.comma')) })}
          </p>
        )}
      </div>
      <div className="flex shrink-0">
        {(state === 'active' || state === 'expiring') && (
          <IconButton label={t('apiKeys.rotate.named', { name })} onClick={() => setOpen('rotate')}>
            <RefreshCw aria-hidden className="size-4.5" />
          </IconButton>
        )}
        <IconButton label={t('apiKeys.revoke.named', { name })} onClick={() => setOpen('revoke')}>
          <Trash2 aria-hidden className="size-4.5" />
        </IconButton>
      </div>
      {open === 'rotate' && <RotateKeyDialog apiKey={apiKey} onClose={() => setOpen(null)} />}
      <ConfirmDialog
        open={open === 'revoke'}
        onOpenChange={() => setOpen(null)}
        title={t('apiKeys.revoke.title', { name })}
        description={t('apiKeys.revoke.body')}
        confirm={t('apiKeys.revoke.action')}
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoke.mutate(apiKey.id, { onSuccess: () => setOpen(null) })}
      />
    </li>
  );
}
