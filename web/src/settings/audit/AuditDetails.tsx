import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditEntry } from '../../api/types';
import { useFormat } from '../../format/useFormat';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { isReason } from './actions';
import { type Filters, subjectFilter } from './filters';
import { useAuditText } from './useAuditText';
import { detailsOf, outcomeTone } from './words';

/** All that is known of one entry, and the way to others like it. */
export function AuditDetails({
  entry,
  onClose,
  onFilter,
}: {
  entry: AuditEntry;
  onClose: () => void;
  onFilter: (filters: Partial<Filters>) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useAuditText();
  const details = detailsOf(entry.details);
  const mono = (value: string | null | undefined) => (value == null ? null : <span className="font-mono text-[0.8125rem]">{value}</span>);
  // Beside its name the word that the API and the table to download have.
  const coded = (name: string, code: string): ReactNode =>
    name === code ? (
      name
    ) : (
      <>
        {name} <code className="ml-1 font-mono text-xs text-muted">{code}</code>
      </>
    );
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t('audit.action'), coded(text.action(entry.action), entry.action)],
    [t('audit.when'), format.dateTime(entry.at)],
    [
      t('audit.outcome'),
      <Badge key="outcome" tone={outcomeTone(entry.outcome)}>
        {text.outcome(entry.outcome)}
        {entry.status != null && ` · ${entry.status}`}
      </Badge>,
    ],
    [t('audit.reason'), entry.reason == null ? null : isReason(entry.reason) ? coded(text.reason(entry.reason), entry.reason) : text.reason(entry.reason)],
    [t('audit.actor'), entry.actor.name == null ? text.kind(entry.actor.kind) : `${entry.actor.name} (${text.kind(entry.actor.kind)})`],
    [t('audit.subject'), entry.subject.kind === '' ? null : coded(text.about(entry.subject.kind), subjectFilter(entry.subject))],
    [t('audit.address'), mono(entry.address)],
    [t('audit.userAgent'), entry.user_agent],
    [t('audit.credential'), mono(entry.credential)],
    [t('audit.trace'), mono(entry.trace_id)],
  ];
  return (
    <Dialog
      open
      large
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={text.action(entry.action)}
      description={t('audit.detailsBody')}
    >
      <dl className="divide-y divide-line text-sm">
        {facts.map(
          ([label, value]) =>
            value != null && (
              <div key={label} className="grid gap-x-4 gap-y-0.5 py-2.5 sm:grid-cols-[10rem_minmax(0,1fr)]">
                <dt className="text-muted">{label}</dt>
                <dd className="min-w-0 break-words">{value}</dd>
              </div>
            ),
        )}
      </dl>
      {details !== null && (
        <pre
          tabIndex={0}
          role="region"
          aria-label={t('audit.details')}
          className="mt-3 max-h-72 overflow-auto rounded-lg bg-sunken p-3 font-mono text-xs whitespace-pre-wrap wrap-anywhere"
        >
          {details}
        </pre>
      )}
      <div className="mt-5 flex flex-wrap gap-2">
        <Button size="small" onClick={() => onFilter({ action: entry.action })}>
          {t('audit.sameAction')}
        </Button>
        {entry.actor.id != null && (
          <Button size="small" onClick={() => onFilter({ actor: entry.actor.id ?? '' })}>
            {t('audit.sameActor')}
          </Button>
        )}
        <Button size="small" onClick={() => onFilter({ subject: subjectFilter(entry.subject) })}>
          {t('audit.sameSubject')}
        </Button>
      </div>
    </Dialog>
  );
}
