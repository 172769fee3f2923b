import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, idempotencyKey, unwrap } from '../api/client';
import { keys } from '../api/keys';
import type { Scheduler, SchedulerSetting } from '../api/types';
import { isOver } from '../crawls/words';

/** How often the scheduler is asked while a round runs or is about to, and otherwise, in milliseconds. */
const BUSY = 2_500;
const CALM = 20_000;
/** How often a round under way is asked how far it is, in milliseconds. */
const ROUND = 2_000;

const isBusy = (scheduler: Scheduler): boolean =>
  scheduler.running_crawl_id != null ||
  (scheduler.next_round_at != null && Date.parse(scheduler.next_round_at) - Date.now() < BUSY);

export function useScheduler() {
  return useQuery({
    queryKey: keys.scheduler(),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/scheduler', { signal })),
    refetchInterval: ({ state }) => (state.data !== undefined && isBusy(state.data) ? BUSY : CALM),
  });
}

/** A round by its crawl's id, followed until it is over. */
export function useRound(id: string) {
  return useQuery({
    queryKey: keys.round(id),
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/v1/crawls/{id}', { params: { path: { id }, query: { limit: 1 } }, signal })),
    refetchInterval: ({ state }) => (state.data !== undefined && isOver(state.data) ? false : ROUND),
  });
}

/** What can be done to the scheduler. */
export function useSchedulerChanges() {
  const client = useQueryClient();
  const settle = () => client.invalidateQueries({ queryKey: keys.scheduler() });
  const save = useMutation({
    mutationFn: (body: SchedulerSetting) => unwrap(api.PUT('/api/v1/scheduler', { body })),
    onSuccess: settle,
  });
  const start = useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/scheduler/start', {})),
    // Also when it was started meanwhile: the page then shows so.
    onSettled: settle,
  });
  const stop = useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/scheduler/stop')),
    onSettled: (stopped) => {
      const round = stopped?.last_crawl_id;
      if (round != null) void client.invalidateQueries({ queryKey: keys.round(round) });
      return settle();
    },
  });
  return { save, start, stop };
}

/** Everything once, right now. */
export function useUpdateNow() {
  return useMutation({
    mutationFn: ({ keywords, sources }: Pick<Scheduler, 'keywords' | 'sources'>) =>
      unwrap(
        api.POST('/api/v1/crawl/manual', {
          body: { keywords, ...(sources == null ? {} : { sources }) },
          headers: { 'Idempotency-Key': idempotencyKey() },
        }),
      ),
  });
}
