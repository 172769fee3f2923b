import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/Button';
import { inputClass } from '../../ui/Field';
import { Select } from '../../ui/Select';
import { useMembers } from '../members/queries';
import { ACTIONS, AREAS, isAction, isSubjectKind, KINDS } from './actions';
import { ACTORS, type Filters, OUTCOMES, subjectIn } from './filters';
import { useAuditText } from './useAuditText';
import { knownActor } from './words';

const box = `${inputClass} border-line! shadow-card`;

/** What of the log is shown. */
export function AuditFilters({
  filters,
  onChange,
  onClear,
}: {
  filters: Filters;
  onChange: (change: Partial<Filters>) => void;
  onClear: (() => void) | null;
}) {
  const { t } = useTranslation();
  const text = useAuditText();
  const members = useMembers().data?.pages.flatMap((page) => page.items) ?? [];
  const known = members.some((member) => member.user_id === filters.actor) || knownActor(filters.actor) !== null;
  return (
    <search className="mb-4 grid grid-cols-2 gap-2 sm:flex sm:flex-wrap">
      <Select
        label={t('audit.action')}
        className="min-w-0 sm:max-w-52"
        value={filters.action}
        onChange={(event) => onChange({ action: event.target.value })}
        options={[
          { value: '', label: t('audit.anyAction') },
          // One that is newer than the page is chosen in an entry.
          ...(filters.action === '' || isAction(filters.action) ? [] : [{ value: filters.action, label: filters.action }]),
          ...AREAS.map((area) => ({
            label: t(`audit.areas.${area}`),
            options: ACTIONS[area].map((action) => ({ value: action, label: t(`audit.actions.${action}`) })),
          })),
        ]}
      />
      <Select
        label={t('audit.actor')}
        className="min-w-0 sm:max-w-52"
        value={filters.actor}
        onChange={(event) => onChange({ actor: event.target.value })}
        options={[
          { value: '', label: t('audit.anyActor') },
          // One of another kind is chosen in an entry.
          ...(filters.actor === '' || known ? [] : [{ value: filters.actor, label: filters.actor }]),
          ...members.map((member) => ({ value: member.user_id, label: member.email })),
          ...ACTORS.map((kind) => ({ value: kind, label: t(`audit.every.${kind}`) })),
        ]}
      />
      <Select
        label={t('audit.outcome')}
        className="min-w-0"
        value={filters.outcome}
        onChange={(event) => onChange({ outcome: event.target.value })}
        options={[
          { value: '', label: t('audit.anyOutcome') },
          ...OUTCOMES.map((outcome) => ({ value: outcome, label: t(`audit.outcomes.${outcome}`) })),
        ]}
      />
      <Select
        label={t('audit.subject')}
        className="min-w-0 sm:max-w-52"
        value={filters.subject}
        onChange={(event) => onChange({ subject: event.target.value })}
        options={[
          { value: '', label: t('audit.anySubject') },
          // A single one is chosen in an entry.
          ...(filters.subject === '' || isSubjectKind(filters.subject)
            ? []
            : [{ value: filters.subject, label: text.subject({ subject: subjectIn(filters.subject) }) }]),
          ...KINDS.map((kind) => ({ value: kind, label: t(`audit.kinds.${kind}`) })),
        ]}
      />
      <DayFilter label={t('audit.from')} value={filters.from} max={filters.to} onChange={(from) => onChange({ from })} />
      <DayFilter label={t('audit.to')} value={filters.to} min={filters.from} onChange={(to) => onChange({ to })} />
      {onClear !== null && (
        <Button look="quiet" onClick={onClear} className="max-sm:col-span-2">
          {t('products.noMatch.clear')}
        </Button>
      )}
    </search>
  );
}

function DayFilter({
  label,
  value,
  min,
  max,
  onChange,
}: {
  label: string;
  value: string;
  min?: string;
  max?: string;
  onChange: (day: string) => void;
}) {
  return (
    <label className="flex min-w-0 items-center gap-2 text-sm text-muted">
      <span className="shrink-0">{label}</span>
      <input
        type="date"
        value={value}
        min={min === '' ? undefined : min}
        max={max === '' ? undefined : max}
        onChange={(event) => onChange(event.target.value)}
        className={`${box} min-w-0`}
      />
    </label>
  );
}
