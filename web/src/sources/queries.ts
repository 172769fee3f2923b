import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api, unwrap } from '../api/client';
import { keys } from '../api/keys';
import { asProblem } from '../api/problem';
import type { Credential, Source } from '../api/types';

/** How often the sources page asks how they stand, in milliseconds. */
const WATCHED = 10_000;

const sourcesQuery = queryOptions({
  queryKey: keys.sources(),
  queryFn: ({ signal }) => unwrap(api.GET('/api/v1/sources', { signal })),
  staleTime: 5 * 60_000,
});

/** Every source. `watched` keeps their state fresh while it is looked at. */
export function useSources({ watched = false }: { watched?: boolean } = {}) {
  return useQuery({
    ...sourcesQuery,
    ...(watched ? { staleTime: 0, refetchInterval: WATCHED } : {}),
    select: (data) => data.items,
  });
}

const NONE: readonly Source[] = [];

/** The sources as far as they are known; none while they are fetched. */
export const useKnownSources = (): readonly Source[] => useSources().data ?? NONE;

/** What people call a source; its own name until the list is there. */
export function useSourceName(): (source: string) => string {
  const sources = useKnownSources();
  return useCallback((name: string) => sources.find((source) => source.name === name)?.label ?? name, [sources]);
}

/** Which fields of the tenant's credential are set; `null` without one. */
export function useCredential(source: string, enabled: boolean) {
  return useQuery({
    queryKey: keys.credential(source),
    enabled,
    queryFn: async ({ signal }): Promise<Credential | null> => {
      try {
        return await unwrap(api.GET('/api/v1/sources/{source}/credential', { params: { path: { source } }, signal }));
      } catch (error) {
        if (asProblem(error).status === 404) return null;
        throw error;
      }
    },
  });
}

/** Saving, testing and deleting a credential; each brings the sources' state up to date. */
export function useCredentialChanges(source: string) {
  const client = useQueryClient();
  const path = { source };
  const keep = (credential: Credential | null) => {
    client.setQueryData(keys.credential(source), credential);
    return client.invalidateQueries({ queryKey: keys.sources() });
  };
  const save = useMutation({
    mutationFn: (fields: Record<string, string>) =>
      unwrap(api.PUT('/api/v1/sources/{source}/credential', { params: { path }, body: { fields } })),
    onSuccess: keep,
  });
  const test = useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/sources/{source}/credential/test', { params: { path } })),
    onSuccess: keep,
  });
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE('/api/v1/sources/{source}/credential', { params: { path } })),
    onSuccess: () => keep(null),
  });
  return { save, test, remove };
}
