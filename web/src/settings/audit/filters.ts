import type { AuditEntry, AuditQuery } from '../../api/types';

export const OUTCOMES = ['done', 'refused'] as const;
export const ACTORS = ['user', 'api_key', 'operator', 'system', 'anonymous'] as const;

/** What is chosen, as the address says it; empty: everything. Days are the reader's own. */
export interface Filters {
  actor: string;
  action: string;
  subject: string;
  outcome: string;
  from: string;
  to: string;
}

export const NAMES = ['actor', 'action', 'subject', 'outcome', 'from', 'to'] as const satisfies readonly (keyof Filters)[];

export const filtersOf = (params: URLSearchParams): Filters => ({
  actor: params.get('actor') ?? '',
  action: params.get('action') ?? '',
  subject: params.get('subject') ?? '',
  outcome: params.get('outcome') ?? '',
  from: params.get('from') ?? '',
  to: params.get('to') ?? '',
});

export const isFiltering = (filters: Filters): boolean => NAMES.some((name) => filters[name] !== '');

/** When a day begins by the reader's clock, or the day after so many; `null` for what is no day. */
export function momentOf(day: string, after = 0): string | null {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)?.map(Number) ?? [];
  if (year === undefined || month === undefined || date === undefined) return null;
  const at = new Date(year, month - 1, date);
  // The 31st of February is another day.
  return at.getMonth() === month - 1 && at.getDate() === date ? new Date(year, month - 1, date + after).toISOString() : null;
}

/** What to ask the server. What it could not take is left out. */
export function queryOf(filters: Filters): AuditQuery {
  const { actor, action, subject, outcome } = filters;
  const from = momentOf(filters.from);
  // The server shows what was before it: the last day counts as a whole.
  const to = momentOf(filters.to, 1);
  return {
    ...(actor.trim() === '' ? {} : { actor: actor.trim() }),
    ...(action.trim() === '' ? {} : { action: action.trim() }),
    ...(subject.trim() === '' ? {} : { subject: subject.trim() }),
    ...((OUTCOMES as readonly string[]).includes(outcome) ? { outcome } : {}),
    ...(from === null ? {} : { from }),
    ...(to === null ? {} : { to }),
  };
}

/** Where the same entries are as a table. */
export function tableAddress(filters: Filters): string {
  const params = new URLSearchParams(Object.entries(queryOf(filters)).map(([name, value]) => [name, String(value)]));
  return `/api/v1/audit-log.csv${params.size === 0 ? '' : `?${params}`}`;
}

/** How the filter names what an entry was about: its kind, and its id where it has one. */
export const subjectFilter = ({ kind, id }: AuditEntry['subject']): string => (id == null ? kind : `${kind}:${id}`);

/** What a filter names, the other way round. */
export function subjectIn(filter: string): AuditEntry['subject'] {
  const at = filter.indexOf(':');
  return at < 0 ? { kind: filter } : { kind: filter.slice(0, at), id: filter.slice(at + 1) };
}
