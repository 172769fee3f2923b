import { Laptop, Smartphone } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../../api/problem';
import type { SessionEntry } from '../../api/types';
import { useProblemText } from '../../api/useProblemText';
import { signOut } from '../../auth/actions';
import { useProfile } from '../../auth/useProfile';
import { LabelledTime } from '../../format/LabelledTime';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/Dialog';
import { ErrorNotice } from '../../ui/Notice';
import { Skeleton } from '../../ui/Skeleton';
import { toast } from '../../ui/toasts';
import { Section } from '../Section';
import { deviceOf } from './device';
import { useSessionChanges, useSessions } from './queries';

/** Where the person is signed in, and ending that. */
export function SessionsPage() {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useSessions();
  const { endOthers } = useSessionChanges();
  const [asking, setAsking] = useState(false);
  // This one first, then the one used last.
  const sessions = (data?.items ?? []).toSorted(
    (a, b) => Number(b.current) - Number(a.current) || b.last_used_at.localeCompare(a.last_used_at),
  );
  return (
    <Section
      id="sessions"
      title={t('sessions.title')}
      note={t('sessions.note')}
      action={
        sessions.some((session) => !session.current) && (
          <Button look="danger" size="small" onClick={() => setAsking(true)}>
            {t('sessions.endOthers')}
          </Button>
        )
      }
    >
      {isPending ? (
        <div role="status" aria-label={t('common.loading')} className="space-y-3">
          <Skeleton className="h-14" />
          <Skeleton className="h-14" />
        </div>
      ) : data === undefined ? (
        <ErrorNotice error={error} onRetry={() => void refetch()} />
      ) : (
        <ul className="divide-y divide-line">
          {sessions.map((session) => (
            <SessionRow key={session.id} session={session} />
          ))}
        </ul>
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('sessions.endOthersTitle')}
        description={t('sessions.endOthersBody')}
        confirm={t('sessions.endOthers')}
        busy={endOthers.isPending}
        error={endOthers.error}
        onConfirm={() =>
          endOthers.mutate(undefined, {
            onSuccess: () => {
              setAsking(false);
              toast({ title: t('sessions.othersEnded') });
            },
          })
        }
      />
    </Section>
  );
}

function SessionRow({ session }: { session: SessionEntry }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const { end } = useSessionChanges();
  const { browser, system, small } = deviceOf(session.user_agent);
  const { slug } = useProfile();
  const Icon = small ? Smartphone : Laptop;
  const name =
    browser === null || system === null ? (browser ?? system ?? t('sessions.unknown')) : t('sessions.device', { browser, system });
  return (
    <li className="flex items-center gap-3 py-3 first:pt-0 last:pb-0 sm:gap-4">
      <span className="flex size-9 shrink-0 items-center justify-center rounded-full bg-sunken text-muted">
        <Icon aria-hidden className="size-4.5" />
      </span>
      <div className="min-w-0 grow">
        <p className="flex flex-wrap items-center gap-x-2 text-sm font-medium" title={session.user_agent ?? undefined}>
          {name}
          {session.current && <Badge tone="accent">{t('sessions.current')}</Badge>}
          {session.tenant !== slug && <Badge>{session.tenant}</Badge>}
        </p>
        <p className="text-[0.8125rem] wrap-break-word text-muted">
          {session.address != null && `${session.address} · `}
          <LabelledTime label={t('sessions.used')} at={session.last_used_at} /> · <LabelledTime label={t('sessions.since')} at={session.created_at} />
        </p>
      </div>
      <Button
        size="small"
        className="shrink-0"
        busy={end.isPending}
        aria-label={t(session.current ? 'shell.signOut' : 'sessions.endNamed', { name })}
        onClick={() =>
          session.current
            ? signOut()
            : end.mutate(session.id, {
                onError: (error) => toast({ title: t('sessions.endFailed'), body: problemText(asProblem(error)).advice }),
              })
        }
      >
        {t(session.current ? 'shell.signOut' : 'sessions.end')}
      </Button>
    </li>
  );
}
