import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { keys } from '../api/keys';
import type { Role } from '../api/types';
import { useIdentity } from './useSession';

/** Who is signed in and where. Until the answer is in, the token's own words stand in for it. */
export function useProfile(): { email: string | null; tenant: string | null; role: Role | null } {
  const identity = useIdentity();
  const { data } = useQuery({
    queryKey: keys.profile(),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/auth/profile', { signal })),
    staleTime: Infinity,
  });
  return { email: data?.email ?? null, tenant: data?.tenant.name ?? identity?.tenant ?? null, role: data?.role ?? null };
}
