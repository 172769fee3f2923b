import { useTranslation } from 'react-i18next';
import type { SyncLog } from '../api/types';
import { RelativeTime } from '../format/RelativeTime';
import { useSourceName } from '../sources/queries';
import { StatusBadge } from './StatusBadge';
import { useSyncText } from './useSyncText';

const cell = 'px-4 py-3 align-top';

/** Logs as rows; one opens with what did not go well. */
export function SyncTable({ logs, onOpen }: { logs: readonly SyncLog[]; onOpen: (id: SyncLog['id']) => void }) {
  const { t } = useTranslation();
  const text = useSyncText();
  const sourceName = useSourceName();
  return (
    <div className="overflow-x-auto rounded-2xl border border-line bg-surface shadow-card">
      <table className="w-full text-left text-sm">
        <thead className="border-b border-line text-xs text-muted">
          <tr>
            <th className={`${cell} font-medium`}>{t('sync.column.what')}</th>
            <th className={`${cell} font-medium`}>{t('sync.column.status')}</th>
            <th className={`${cell} font-medium max-sm:hidden`}>{t('sync.column.result')}</th>
            <th className={`${cell} font-medium max-md:hidden`}>{t('sync.column.duration')}</th>
            <th className={`${cell} font-medium`}>{t('sync.column.started')}</th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {logs.map((log) => (
            <tr key={log.id} className="relative transition-colors hover:bg-sunken">
              <td className={cell}>
                {/* The button covers the row: one place to click, one name for screen readers. */}
                <button
                  type="button"
                  onClick={() => onOpen(log.id)}
                  className="text-left font-medium after:absolute after:inset-0"
                >
                  {log.source == null ? t('sync.severalSources') : sourceName(log.source)} · {text.type(log.type)}
                </button>
                <span className="mt-0.5 block text-xs text-muted">
                  {log.mode != null && `${text.mode(log.mode)} · `}
                  {text.trigger(log.trigger)}
                </span>
              </td>
              <td className={cell}>
                <StatusBadge status={log.status} />
              </td>
              <td className={`${cell} tabular max-sm:hidden`}>{text.counts(log)}</td>
              <td className={`${cell} tabular whitespace-nowrap max-md:hidden`}>{text.duration(log.duration_ms)}</td>
              <td className={`${cell} whitespace-nowrap text-muted`}>
                <RelativeTime at={log.started_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
