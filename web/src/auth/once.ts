import { useQuery } from '@tanstack/react-query';

/** How the names of such answers begin. */
export const ONCE = 'once';

/** Does something that a link asks for, once for its secret however often the screen is drawn. */
export function useOnce<T>(name: string, secret: string | null, work: (secret: string) => Promise<T>) {
  return useQuery({
    queryKey: [ONCE, name, secret],
    queryFn: async () => ({ result: await work(secret ?? '') }),
    enabled: secret !== null,
    retry: false,
    staleTime: Infinity,
    gcTime: Infinity,
    refetchOnReconnect: false,
    refetchOnWindowFocus: false,
  });
}
