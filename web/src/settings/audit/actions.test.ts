import { describe, expect, it } from 'vitest';
import en from '../../i18n/locales/en.json';
import { ACTIONS, isAction, isReason, isSubjectKind, KINDS } from './actions';

interface Document {
  paths: Record<string, Record<string, { operationId?: string }>>;
}

const [document] = Object.values(import.meta.glob<Document>('../../../openapi.json', { eager: true, import: 'default' }));
const UNSAFE = ['post', 'put', 'patch', 'delete'];

/** Everything that the server would write an entry about. */
function operations(): { path: string; name: string }[] {
  return Object.entries(document?.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => UNSAFE.includes(method))
      .map(([, operation]) => ({ path, name: operation.operationId ?? '' })),
  );
}

/** What the server says an address is about: the last thing in it that has an id, or its first word. */
function kindOf(path: string): string {
  const words = path.replace('/api/v1/', '').split('/');
  const named = words.findLastIndex((word) => word.startsWith('{'));
  const word = (words[Math.max(0, named - 1)] ?? '').replaceAll('-', '_');
  return word.endsWith('ies') ? `${word.slice(0, -3)}y` : word.replace(/s$/, '');
}

describe('the names of what the log tells', () => {
  it('are there for everything that changes something', () => {
    const names = operations().map(({ name }) => name);
    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name) => !isAction(name))).toEqual([]);
  });

  it('can all be chosen, each in one place', () => {
    const offered: string[] = Object.values(ACTIONS).flat();
    expect(offered.toSorted()).toEqual(Object.keys(en.audit.actions).toSorted());
    expect([...KINDS].toSorted()).toEqual(Object.keys(en.audit.kinds).toSorted());
  });

  it('are there for what an address is about', () => {
    expect(kindOf('/api/v1/alert-rules/{id}')).toBe('alert_rule');
    expect(kindOf('/api/v1/auth/sessions/{id}')).toBe('session');
    const kinds = [...new Set(operations().map(({ path }) => kindOf(path)))];
    expect(kinds.filter((kind) => !isSubjectKind(kind))).toEqual([]);
  });

  it('are not made up for what is newer than the page', () => {
    expect([isAction('teleport_product'), isAction('toString'), isSubjectKind('robot'), isReason('bad_luck')]).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
