import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, idempotencyKey, unwrap } from '../../api/client';
import { keys } from '../../api/keys';
import type { Member, NewInvitation, Role } from '../../api/types';
import { signOut } from '../../auth/actions';

const PAGE = 100;
const onward = (cursor: string | null) => ({ limit: PAGE, ...(cursor === null ? {} : { cursor }) });

export function useMembers() {
  return useInfiniteQuery({
    queryKey: keys.members(),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => unwrap(api.GET('/api/v1/members', { params: { query: onward(pageParam) }, signal })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function useInvitations(enabled: boolean) {
  return useInfiniteQuery({
    queryKey: keys.invitations(),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => unwrap(api.GET('/api/v1/invitations', { params: { query: onward(pageParam) }, signal })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    enabled,
  });
}

export function useMemberChanges() {
  const client = useQueryClient();
  const onSettled = () => {
    void client.invalidateQueries({ queryKey: keys.usage() });
    // What the person may do here follows from their own role.
    void client.invalidateQueries({ queryKey: keys.profile() });
    return client.invalidateQueries({ queryKey: keys.members() });
  };
  const change = useMutation({
    mutationFn: ({ userId, role }: { userId: Member['user_id']; role: Role }) =>
      unwrap(api.PATCH('/api/v1/members/{user_id}', { params: { path: { user_id: userId } }, body: { role } })),
    onSettled,
  });
  const remove = useMutation({
    mutationFn: ({ userId }: { userId: Member['user_id']; self: boolean }) =>
      unwrap(api.DELETE('/api/v1/members/{user_id}', { params: { path: { user_id: userId } } })),
    onSettled: (_, error, { self }) => {
      if (!self || error !== null) return onSettled();
      // The session in this team is over. Whatever asked for anything now would find that out as a failure.
      signOut();
      return undefined;
    },
  });
  return { change, remove };
}

export function useInvitationChanges() {
  const client = useQueryClient();
  const onSettled = () => {
    void client.invalidateQueries({ queryKey: keys.usage() });
    return client.invalidateQueries({ queryKey: keys.invitations() });
  };
  const invite = useMutation({
    mutationFn: ({ key, ...body }: NewInvitation & { key: string }) =>
      unwrap(api.POST('/api/v1/invitations', { params: { header: { 'Idempotency-Key': key } }, body })),
    onSettled,
  });
  const resend = useMutation({
    mutationFn: (id: string) => unwrap(api.POST('/api/v1/invitations/{id}/resend', { params: { path: { id } } })),
    onSettled,
  });
  const revoke = useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/invitations/{id}', { params: { path: { id } } })),
    onSettled,
  });
  return { invite, resend, revoke };
}

/** One for each thing asked for: the same thing asked twice is done once. */
export const newKey = idempotencyKey;
