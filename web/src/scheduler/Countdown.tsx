import { useEffect, useState } from 'react';
import { useFormat } from '../format/useFormat';
import { countdown } from './round';

/** Counts down to an instant, whose date and time are its title. Screen readers are not told every second. */
export function Countdown({ until }: { until: string }) {
  const format = useFormat();
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={until} title={format.dateTime(until)} role="timer" aria-live="off" className="tabular font-semibold">
      {countdown(new Date(until), now)}
    </time>
  );
}
