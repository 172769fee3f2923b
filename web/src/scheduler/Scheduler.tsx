import { Play, RefreshCw, Square } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../api/problem';
import { useProblemText } from '../api/useProblemText';
import { useRights } from '../auth/useRights';
import { Badge } from '../ui/Badge';
import { Button } from '../ui/Button';
import { FieldError } from '../ui/Field';
import { ErrorNotice } from '../ui/Notice';
import { Skeleton } from '../ui/Skeleton';
import { NextRound } from './NextRound';
import { useScheduler, useSchedulerChanges, useUpdateNow } from './queries';
import { RoundProgress } from './RoundProgress';
import { SettingForm } from './SettingForm';

/** Whole rounds by the clock, and one right now. */
export function Scheduler() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const { write } = useRights();
  const { data: scheduler, error, refetch } = useScheduler();
  const { save, start, stop } = useSchedulerChanges();
  const update = useUpdateNow();
  // The round that was asked for here; it is followed until the page is left.
  const [own, setOwn] = useState<string | null>(null);

  if (scheduler === undefined) {
    return error === null ? (
      <div role="status" aria-label={t('common.loading')} className="grid gap-4 lg:grid-cols-2">
        <Skeleton className="h-72 rounded-2xl" />
        <Skeleton className="h-40 rounded-2xl" />
      </div>
    ) : (
      <ErrorNotice error={error} onRetry={() => void refetch()} />
    );
  }
  const running = scheduler.running_crawl_id ?? null;
  const shown = running ?? scheduler.last_crawl_id ?? null;
  const failed = [start, stop, update].find((each) => each.error !== null)?.error ?? null;
  const problem = failed === null ? null : asProblem(failed);
  const clear = () => {
    for (const each of [start, stop, update]) each.reset();
  };
  const switchOn = () => {
    clear();
    start.mutate();
  };
  const switchOff = () => {
    clear();
    stop.mutate();
  };
  const updateNow = () => {
    clear();
    update.mutate(scheduler, { onSuccess: (crawl) => setOwn(crawl.crawl_id) });
  };

  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <section className="flex flex-col gap-4 rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-5">
        <header className="flex flex-wrap items-center justify-between gap-3">
          <div className="min-w-0">
            <h2 className="flex flex-wrap items-center gap-2 text-base font-semibold">
              {t('scheduler.title')}
              <Badge tone={scheduler.enabled ? 'good' : 'plain'}>
                {t(scheduler.enabled ? 'scheduler.on' : 'scheduler.off')}
              </Badge>
            </h2>
            <p className="mt-0.5 text-[0.8125rem] text-muted">
              {scheduler.next_round_at == null ? (
                t('scheduler.noNext')
              ) : (
                <NextRound at={scheduler.next_round_at} running={running !== null} />
              )}
            </p>
          </div>
          {write && (
            <div className="flex flex-wrap gap-2">
              {scheduler.enabled || running !== null ? (
                <Button
                  look="danger"
                  icon={<Square aria-hidden className="size-4" />}
                  busy={stop.isPending}
                  onClick={switchOff}
                >
                  {t('scheduler.stop')}
                </Button>
              ) : (
                <Button
                  look="primary"
                  icon={<Play aria-hidden className="size-4" />}
                  busy={start.isPending}
                  onClick={switchOn}
                >
                  {t('scheduler.start')}
                </Button>
              )}
              <Button icon={<RefreshCw aria-hidden className="size-4" />} busy={update.isPending} onClick={updateNow}>
                {t('scheduler.updateNow')}
              </Button>
            </div>
          )}
        </header>
        {problem !== null && (
          <FieldError>{problem.errors[0]?.message ?? problemText(problem).advice}</FieldError>
        )}
        {stop.data !== undefined && problem === null && (
          <p role="status" className="text-[0.8125rem] text-muted">
            {t('scheduler.stopped')}
          </p>
        )}
        {/* What is set elsewhere meanwhile is shown, unless somebody is typing here. */}
        <SettingForm scheduler={scheduler} save={save} disabled={!write} />
      </section>
      <div className="flex flex-col gap-4">
        {own !== null && own !== shown && <RoundProgress id={own} title={t('scheduler.ownRound')} />}
        {shown !== null && (
          <RoundProgress id={shown} title={t(running === null ? 'scheduler.lastRound' : 'scheduler.thisRound')} />
        )}
        {shown === null && own === null && (
          <p className="rounded-2xl border border-dashed border-line px-6 py-10 text-center text-sm text-muted">
            {t('scheduler.noRound')}
          </p>
        )}
      </div>
    </div>
  );
}
