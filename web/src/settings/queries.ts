import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { keys } from '../api/keys';
import type { TenantChange } from '../api/types';

/** The team, its plan and how it reads clocks. */
export function useTenant() {
  return useQuery({
    queryKey: keys.tenant(),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/tenant', { signal })),
    // Every price on a page asks for the team's colours.
    staleTime: 5 * 60_000,
  });
}

export function useChangeTenant() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: TenantChange) => unwrap(api.PATCH('/api/v1/tenant', { body })),
    onSuccess: (tenant) => {
      client.setQueryData(keys.tenant(), tenant);
      // The team's name stands in the header.
      return client.invalidateQueries({ queryKey: keys.profile() });
    },
  });
}
