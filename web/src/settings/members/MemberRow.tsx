import { LogOut, UserMinus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../../api/problem';
import type { Member } from '../../api/types';
import { useProblemText } from '../../api/useProblemText';
import { signOut } from '../../auth/actions';
import { useProfile } from '../../auth/useProfile';
import { LabelledTime } from '../../format/LabelledTime';
import { Badge } from '../../ui/Badge';
import { IconButton } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/Dialog';
import { Select } from '../../ui/Select';
import { toast } from '../../ui/toasts';
import { useMemberChanges } from './queries';
import { givable, isLastOwner, mayChange, ROLES } from './rules';

/** One of the team: for those who may, with another role or out. Everybody may leave, but for the last owner. */
export function MemberRow({ member, members }: { member: Member; members: readonly Member[] }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const me = useProfile();
  const [asking, setAsking] = useState(false);
  const { change, remove } = useMemberChanges();
  const self = member.user_id === me.id;
  const last = isLastOwner(members, member.user_id);
  const may = mayChange(me.role, member.role) && !last;
  const role = (value: Member['role']) => t(`role.${value}`);
  const given = givable(me.role);
  const remover = self ? 'leave' : 'remove';
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0">
      <div className="min-w-0 grow basis-52">
        <p className="flex flex-wrap items-center gap-x-2 text-sm font-medium break-all">
          {member.email}
          {self && <Badge tone="accent">{t('members.you')}</Badge>}
          {!member.email_verified && <Badge tone="warn">{t('profile.address.unverified')}</Badge>}
        </p>
        <p className="text-[0.8125rem] text-muted">
          <LabelledTime label={t('members.joined')} at={member.joined_at} />
          {member.last_seen_at != null && (
            <>
              {' · '}
              <LabelledTime label={t('members.seen')} at={member.last_seen_at} />
            </>
          )}
        </p>
      </div>
      <div className="flex items-center gap-1">
        {may ? (
          <Select
            label={t('members.roleOf', { email: member.email })}
            value={member.role}
            disabled={change.isPending}
            onChange={(event) => {
              const wanted = ROLES.find((each) => each === event.target.value);
              if (wanted === undefined || wanted === member.role) return;
              change.mutate(
                { userId: member.user_id, role: wanted },
                {
                  onSuccess: () => toast({ title: t('members.changed', { email: member.email, role: role(wanted) }) }),
                  onError: (error) => toast({ title: t('members.changeFailed'), body: problemText(asProblem(error)).advice }),
                },
              );
            }}
            options={ROLES.filter((each) => each === member.role || given.includes(each)).map((each) => ({ value: each, label: role(each) }))}
          />
        ) : (
          <span className="px-3 text-sm text-muted" title={last ? t('members.lastOwner') : undefined}>
            {role(member.role)}
          </span>
        )}
        {(self || may) && !last && (
          <IconButton label={t(`members.${remover}.named`, { email: member.email })} onClick={() => setAsking(true)}>
            {self ? <LogOut aria-hidden className="size-4.5" /> : <UserMinus aria-hidden className="size-4.5" />}
          </IconButton>
        )}
      </div>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t(`members.${remover}.title`, { email: member.email })}
        description={t(`members.${remover}.body`)}
        confirm={t(`members.${remover}.action`)}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() =>
          remove.mutate(member.user_id, {
            onSuccess: () => {
              setAsking(false);
              // The session in this team is over.
              if (self) signOut();
              else toast({ title: t('members.remove.done', { email: member.email }) });
            },
          })
        }
      />
    </li>
  );
}
