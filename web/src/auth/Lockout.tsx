import { Timer } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../api/problem';
import { useFormat } from '../format/useFormat';
import { countdown, useSecondsLeft } from './wait';

/** How long to wait where the server does not say, in seconds. */
const UNTOLD = 30;

/** Waiting that the server asked for after too many tries: how long still, and whether it goes on. */
export function useLockout(problem: Problem | null): { waiting: boolean; left: number } {
  const until = problem?.status === 429 ? problem.at + (problem.retryAfter ?? UNTOLD) * 1000 : null;
  const left = useSecondsLeft(until);
  return { waiting: left > 0, left };
}

/** Says so, with a clock that runs down. A screen reader hears the length once and not every second. */
export function Lockout({ problem, left }: { problem: Problem; left: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className="flex items-start gap-2.5 rounded-lg bg-warn-soft px-3 py-2.5 text-[0.8125rem] text-warn">
      <Timer aria-hidden className="mt-px size-4 shrink-0" />
      <p role="alert" className="sr-only">
        {t('door.locked', { time: format.duration(problem.retryAfter ?? UNTOLD) })}
      </p>
      <p aria-hidden>
        {t('door.lockedFor')} <span className="tabular font-semibold">{countdown(left)}</span>
      </p>
    </div>
  );
}
