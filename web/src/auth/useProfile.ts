import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { keys } from '../api/keys';
import type { Role } from '../api/types';
import { noteBase } from './base';

export function useProfileQuery() {
  return useQuery({
    queryKey: keys.profile(),
    queryFn: async ({ signal }) => {
      const profile = await unwrap(api.GET('/api/v1/auth/profile', { signal }));
      noteBase(profile.tenant.slug);
      return profile;
    },
    // Another owner may change the role, and a link in a mail confirms the address: coming back to the page shows it.
    staleTime: 60_000,
    refetchOnWindowFocus: true,
  });
}

/** Who is signed in and where; nothing until the answer is in. */
export function useProfile(): { id: string | null; email: string | null; tenant: string | null; slug: string | null; role: Role | null } {
  const { data } = useProfileQuery();
  return {
    id: data?.id ?? null,
    email: data?.email ?? null,
    tenant: data?.tenant.name ?? null,
    slug: data?.tenant.slug ?? null,
    role: data?.role ?? null,
  };
}
