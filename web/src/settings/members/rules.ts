import type { Role } from '../../api/types';
import type { BadgeTone } from '../../ui/Badge';

export const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'viewer'];

/** Roles that somebody may give: only owners make owners. */
export const givable = (mine: Role | null): Role[] =>
  mine === 'owner' ? [...ROLES] : mine === 'admin' ? ROLES.filter((role) => role !== 'owner') : [];

/** Whether somebody may give another role to a member, or take the member out. Only owners touch owners. */
export const mayChange = (mine: Role | null, theirs: Role): boolean => mine === 'owner' || (mine === 'admin' && theirs !== 'owner');

/** Whether a change of role is asked about first: what makes or unmakes an owner, and what one does to oneself. */
export const isGrave = (from: Role, to: Role, self: boolean): boolean => self || from === 'owner' || to === 'owner';

/** The last owner can neither leave nor become anything else. Another one may stand on a page that is not fetched yet. */
export function isLastOwner(members: readonly { user_id: string; role: Role }[], userId: string, complete: boolean): boolean {
  if (!complete) return false;
  const owners = members.filter((member) => member.role === 'owner');
  return owners.length === 1 && owners[0]?.user_id === userId;
}

const TONES: Record<string, BadgeTone> = { pending: 'accent', accepted: 'good', expired: 'warn', revoked: 'plain' };
export const invitationTone = (status: string): BadgeTone => TONES[status] ?? 'plain';
