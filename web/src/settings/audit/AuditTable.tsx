import { useTranslation } from 'react-i18next';
import type { AuditEntry } from '../../api/types';
import { useFormat } from '../../format/useFormat';
import { Badge } from '../../ui/Badge';
import { classes } from '../../ui/classes';
import { useAuditText } from './useAuditText';
import { outcomeTone } from './words';

const cell = 'px-4 py-3 align-top';

/** Entries as rows; one opens with all that is known of it. */
export function AuditTable({ entries, stale, onOpen }: { entries: readonly AuditEntry[]; stale: boolean; onOpen: (entry: AuditEntry) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useAuditText();
  return (
    <div
      aria-busy={stale || undefined}
      className={classes('overflow-x-auto rounded-2xl border border-line bg-surface shadow-card transition-opacity', stale && 'opacity-60')}
    >
      <table className="w-full text-left text-sm">
        <thead className="border-b border-line text-xs text-muted">
          <tr>
            <th scope="col" className={`${cell} font-medium`}>{t('audit.action')}</th>
            <th scope="col" className={`${cell} font-medium max-sm:hidden`}>{t('audit.actor')}</th>
            <th scope="col" className={`${cell} font-medium`}>{t('audit.outcome')}</th>
            <th scope="col" className={`${cell} font-medium max-sm:hidden`}>{t('audit.when')}</th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {entries.map((entry) => {
            const when = format.dateTime(entry.at);
            const who = text.actor(entry);
            return (
              <tr key={entry.id} className="relative transition-colors hover:bg-sunken">
                <td className={`${cell} w-full max-w-0 sm:w-auto sm:max-w-none sm:min-w-40`}>
                  {/* The button covers the row: one place to click, one name for screen readers. */}
                  <button
                    type="button"
                    onClick={() => onOpen(entry)}
                    className="text-left font-medium wrap-break-word after:absolute after:inset-0"
                  >
                    {text.action(entry.action)}
                  </button>
                  <span className="mt-0.5 block max-w-72 truncate text-xs text-muted">{text.subject(entry)}</span>
                  <span className="mt-0.5 block text-xs break-all text-muted sm:hidden">
                    {who} · <time dateTime={entry.at}>{when}</time>
                  </span>
                </td>
                <td className={`${cell} max-sm:hidden`}>
                  <span className="block max-w-52 truncate">{who}</span>
                  <span className="mt-0.5 block text-xs text-muted">
                    {entry.actor.name == null ? (entry.address ?? '') : [text.kind(entry.actor.kind), entry.address].filter(Boolean).join(' · ')}
                  </span>
                </td>
                <td className={cell}>
                  <Badge tone={outcomeTone(entry.outcome)}>{text.outcome(entry.outcome)}</Badge>
                  {entry.status != null && <span className="tabular mt-0.5 block text-xs text-muted">{entry.status}</span>}
                </td>
                <td className={`${cell} whitespace-nowrap text-muted max-sm:hidden`}>
                  <time dateTime={entry.at}>{when}</time>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
