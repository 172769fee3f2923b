import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** After so many seconds it is told how long it has taken. */
const PATIENCE = 2;

/** Progress of something that asks a source; a source is asked politely and so may take its turn. */
export function Waiting({ text }: { text: string }) {
  const { t } = useTranslation();
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div role="status" className="rounded-xl border border-line px-4 py-5">
      <p className="text-sm font-medium">{text}</p>
      <div aria-hidden className="mt-3 h-1 overflow-hidden rounded-full bg-sunken">
        <div className="h-full w-1/3 rounded-full bg-accent animate-sweep" />
      </div>
      <p className="mt-2.5 min-h-5 text-[0.8125rem] text-muted">
        {seconds > PATIENCE && (
          <>
            <span aria-hidden className="tabular">
              {t('track.waitingFor', { count: seconds })}{' '}
            </span>
            {t('track.politely')}
          </>
        )}
      </p>
    </div>
  );
}
