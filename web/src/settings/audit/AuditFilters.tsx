import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/Button';
import { inputClass } from '../../ui/Field';
import { Select } from '../../ui/Select';
import { useMembers } from '../members/queries';
import { ACTORS, type Filters, OUTCOMES } from './filters';
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
  const members = useMembers().data?.pages.flatMap((page) => page.items) ?? [];
  const known = members.some((member) => member.user_id === filters.actor) || knownActor(filters.actor) !== null;
  return (
    <search className="mb-4 grid grid-cols-2 gap-2 sm:flex sm:flex-wrap">
      <TypedFilter label={t('audit.action')} value={filters.action} onChange={(action) => onChange({ action })} />
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
      <TypedFilter label={t('audit.subject')} value={filters.subject} onChange={(subject) => onChange({ subject })} />
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

/** Words that are taken over when the typing ends: at Enter and when the field is left. */
function TypedFilter({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  const last = useRef(value);
  useEffect(() => {
    if (last.current === value) return;
    last.current = value;
    setText(value);
  }, [value]);
  const take = () => {
    last.current = text.trim();
    if (text.trim() !== value) onChange(text.trim());
  };
  return (
    <form
      className="min-w-0 sm:w-44"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        take();
      }}
    >
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        autoCapitalize="none"
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={take}
        className={box}
      />
    </form>
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
