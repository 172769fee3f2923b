import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client';
import { keys } from '../../api/keys';

/** How much of what the plan allows is used. Warnings of the event stream have it fetched anew. */
export function useUsage() {
  return useQuery({
    queryKey: keys.usage(),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/usage', { signal })),
    staleTime: 60_000,
    refetchInterval: 5 * 60_000,
  });
}
