import { UserPlus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRights } from '../../auth/useRights';
import { Button } from '../../ui/Button';
import { More } from '../../ui/More';
import { ErrorNotice } from '../../ui/Notice';
import { Skeleton } from '../../ui/Skeleton';
import { Section } from '../Section';
import { InvitationList } from './InvitationList';
import { InviteDialog } from './InviteDialog';
import { MemberRow } from './MemberRow';
import { useMembers } from './queries';
import { isLastOwner } from './rules';

/** Who belongs to the team, as what, and who is invited. */
export function MembersPage() {
  const { t } = useTranslation();
  const { manage } = useRights();
  const [inviting, setInviting] = useState(false);
  const list = useMembers();
  const members = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <Section
        id="members"
        title={t('members.title')}
        note={t(manage ? 'members.note' : 'settings.adminsOnly')}
        action={
          manage && (
            <Button look="primary" size="small" icon={<UserPlus aria-hidden className="size-4" />} onClick={() => setInviting(true)}>
              {t('members.invite.action')}
            </Button>
          )
        }
      >
        {list.isPending ? (
          <div role="status" aria-label={t('common.loading')} className="space-y-3">
            <Skeleton className="h-12" />
            <Skeleton className="h-12" />
          </div>
        ) : members.length === 0 ? (
          <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
        ) : (
          <ul className="divide-y divide-line">
            {members.map((member) => (
              <MemberRow key={member.user_id} member={member} last={isLastOwner(members, member.user_id, !list.hasNextPage)} />
            ))}
          </ul>
        )}
        <More list={list} />
      </Section>
      {manage && <InvitationList members={members} />}
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </>
  );
}
