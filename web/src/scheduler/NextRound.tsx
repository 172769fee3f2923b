import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/useFormat';
import { countdown } from './round';

/** Counts down to the next round, whose date and time are its title. Screen readers are not told every second. */
export function NextRound({ at, running }: { at: string; running: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 1000);
    return () => clearInterval(timer);
  }, []);
  const until = new Date(at);
  if (running && until <= now) return t('scheduler.afterThis');
  return (
    <>
      {t('scheduler.next')}{' '}
      <time dateTime={at} title={format.dateTime(at)} role="timer" aria-live="off" className="tabular font-semibold">
        {countdown(until, now)}
      </time>
    </>
  );
}
