import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAlertText } from '../alerts/useAlertText';
import type { TrialAnswer } from '../api/types';
import { useFormat } from '../format/useFormat';
import { Badge } from '../ui/Badge';
import { Button } from '../ui/Button';

/** Rows shown at first, and added with every press. */
const CHUNK = 25;

/** Every instant at which a rule would have fired, newest first. */
export function FiringTable({ answer }: { answer: TrialAnswer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useAlertText();
  const [shown, setShown] = useState(CHUNK);
  const fired = answer.fired.toReversed();
  return (
    <>
      <div className="mt-4 max-h-96 overflow-auto rounded-xl border border-line" tabIndex={0} role="region" aria-label={t('rules.try.table')}>
        <table className="w-full text-sm">
          <thead className="sticky top-0 bg-sunken text-left text-xs text-muted">
            <tr>
              {(['when', 'what', 'columnChange'] as const).map((column) => (
                <th key={column} scope="col" className="px-3 py-2 font-medium sm:px-4">
                  {t(`rules.try.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="tabular divide-y divide-line">
            {fired.slice(0, shown).map((firing, index) => (
              <tr key={`${firing.occurred_at} ${index}`}>
                <td className="px-3 py-2 whitespace-nowrap sm:px-4">{format.dateTime(firing.occurred_at)}</td>
                <td className="min-w-36 px-3 py-2 sm:px-4">
                  {text.headline(firing)} {firing.severity === 'critical' && <Badge tone="warn">{t('rules.severity.critical')}</Badge>}
                </td>
                <td className="px-3 py-2 whitespace-nowrap sm:px-4">{text.change(firing) ?? '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="mt-3 flex flex-wrap items-center justify-center gap-3">
        {fired.length > shown && (
          <Button size="small" onClick={() => setShown(shown + CHUNK)}>
            {t('common.more')}
          </Button>
        )}
        {answer.truncated && (
          <p className="text-[0.8125rem] text-muted">{t('rules.try.truncated', { shown: format.number(answer.fired.length) })}</p>
        )}
      </div>
    </>
  );
}
