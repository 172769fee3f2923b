import { QueryClient } from '@tanstack/react-query';
import { asProblem } from './problem';

const worthRepeating = (status: number) => status === 0 || status === 429 || status >= 500;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 10 * 60_000,
      retry: (failures, error) => failures < 2 && worthRepeating(asProblem(error).status),
    },
  },
});
