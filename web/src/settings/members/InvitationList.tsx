import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../../api/problem';
import type { Invitation, Member } from '../../api/types';
import { useProblemText } from '../../api/useProblemText';
import { LabelledTime } from '../../format/LabelledTime';
import { useFormat } from '../../format/useFormat';
import { opened } from '../../sources/words';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/Dialog';
import { More } from '../../ui/More';
import { ErrorNotice } from '../../ui/Notice';
import { Skeleton } from '../../ui/Skeleton';
import { toast } from '../../ui/toasts';
import { Section } from '../Section';
import { useInvitationChanges, useInvitations } from './queries';
import { invitationTone } from './rules';

const STATUSES = ['pending', 'accepted', 'revoked', 'expired'] as const;

/** Who was invited, and what came of it. */
export function InvitationList({ members }: { members: readonly Member[] }) {
  const { t } = useTranslation();
  const list = useInvitations(true);
  const invitations = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section id="invitations" title={t('members.invitations')} note={t('members.invitationsNote')}>
      {list.isPending ? (
        <div role="status" aria-label={t('common.loading')}>
          <Skeleton className="h-12" />
        </div>
      ) : list.isError && invitations.length === 0 ? (
        <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      ) : invitations.length === 0 ? (
        <p className="text-sm text-muted">{t('members.noInvitations')}</p>
      ) : (
        <ul className="divide-y divide-line">
          {invitations.map((invitation) => (
            <InvitationRow key={invitation.id} invitation={invitation} members={members} />
          ))}
        </ul>
      )}
      <More list={list} />
    </Section>
  );
}

function InvitationRow({ invitation, members }: { invitation: Invitation; members: readonly Member[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const { resend, revoke } = useInvitationChanges();
  const [asking, setAsking] = useState(false);
  const { email } = invitation;
  const status = STATUSES.find((each) => each === invitation.status);
  const by = members.find((member) => member.user_id === invitation.invited_by)?.email ?? null;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0">
      <div className="min-w-0 grow basis-52">
        <p className="flex flex-wrap items-center gap-x-2 text-sm font-medium break-all">
          {email}
          <Badge tone={invitationTone(invitation.status)}>
            {status === undefined ? opened(invitation.status) : t(`members.status.${status}`)}
          </Badge>
        </p>
        <p className="text-[0.8125rem] wrap-break-word text-muted">
          {t(`role.${invitation.role}`)}
          {' · '}
          <LabelledTime label={by === null ? t('members.invited') : t('members.invitedBy', { email: by })} at={invitation.created_at} />
          {invitation.status === 'pending' && (
            <>
              {' · '}
              {t('members.expires', { date: format.dateTime(invitation.expires_at) })}
            </>
          )}
        </p>
      </div>
      <div className="flex gap-2">
        {(invitation.status === 'pending' || invitation.status === 'expired') && (
          <Button
            size="small"
            busy={resend.isPending}
            aria-label={t('members.resendNamed', { email })}
            onClick={() =>
              resend.mutate(invitation.id, {
                onSuccess: () => toast({ title: t('members.invite.sent', { email }) }),
                onError: (error) => toast({ title: t('members.invite.failed'), body: problemText(asProblem(error)).advice }),
              })
            }
          >
            {t('members.resend')}
          </Button>
        )}
        {invitation.status === 'pending' && (
          <Button size="small" look="danger" aria-label={t('members.revoke.named', { email })} onClick={() => setAsking(true)}>
            {t('members.revoke.action')}
          </Button>
        )}
      </div>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('members.revoke.title', { email })}
        description={t('members.revoke.body')}
        confirm={t('members.revoke.action')}
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoke.mutate(invitation.id, { onSuccess: () => setAsking(false) })}
      />
    </li>
  );
}
