import { LogOut, UserMinus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../../api/problem';
import type { Member, Role } from '../../api/types';
import { useProblemText } from '../../api/useProblemText';
import { useProfile } from '../../auth/useProfile';
import { LabelledTime } from '../../format/LabelledTime';
import { Badge } from '../../ui/Badge';
import { IconButton } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/Dialog';
import { Select } from '../../ui/Select';
import { toast } from '../../ui/toasts';
import { useMemberChanges } from './queries';
import { givable, isGrave, mayChange, ROLES } from './rules';

/** One of the team: for those who may, with another role or out. Everybody may leave, but for the last owner. */
export function MemberRow({ member, last }: { member: Member; last: boolean }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const me = useProfile();
  const [asking, setAsking] = useState(false);
  // A role that is asked about before it is given.
  const [wanted, setWanted] = useState<Role | null>(null);
  const { change, remove } = useMemberChanges();
  const self = member.user_id === me.id;
  const may = mayChange(me.role, member.role) && !last;
  const role = (value: Member['role']) => t(`role.${value}`);
  const given = givable(me.role);
  const remover = self ? 'leave' : 'remove';
  const give = (to: Role) =>
    change.mutate(
      { userId: member.user_id, role: to },
      {
        onSuccess: () => toast({ title: t('members.changed', { email: member.email, role: role(to) }) }),
        onError: (error) => toast({ title: t('members.changeFailed'), body: problemText(asProblem(error)).advice }),
        onSettled: () => setWanted(null),
      },
    );
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
        {last && (self || mayChange(me.role, member.role)) && <p className="mt-0.5 text-[0.8125rem] text-muted">{t('members.lastOwner')}</p>}
      </div>
      <div className="flex items-center gap-1">
        {may ? (
          <Select
            label={t('members.roleOf', { email: member.email })}
            value={member.role}
            disabled={change.isPending}
            onChange={(event) => {
              const to = ROLES.find((each) => each === event.target.value);
              if (to === undefined || to === member.role) return;
              if (isGrave(member.role, to, self)) setWanted(to);
              else give(to);
            }}
            options={ROLES.filter((each) => each === member.role || given.includes(each)).map((each) => ({ value: each, label: role(each) }))}
          />
        ) : (
          <span className="px-3 text-sm text-muted">{role(member.role)}</span>
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
          remove.mutate(
            { userId: member.user_id, self },
            {
              onSuccess: () => {
                setAsking(false);
                if (!self) toast({ title: t('members.remove.done', { email: member.email }) });
              },
            },
          )
        }
      />
      {wanted !== null && (
        <ConfirmDialog
          open
          onOpenChange={() => setWanted(null)}
          title={t('members.grave.title', { email: member.email, role: role(wanted) })}
          description={t(self ? 'members.grave.self' : wanted === 'owner' ? 'members.grave.owner' : 'members.grave.noOwner')}
          confirm={t('members.grave.action')}
          busy={change.isPending}
          onConfirm={() => give(wanted)}
        />
      )}
    </li>
  );
}
