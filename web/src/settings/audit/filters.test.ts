import { describe, expect, it } from 'vitest';
import { filtersOf, isFiltering, momentOf, queryOf, subjectFilter, subjectIn, tableAddress } from './filters';

const none = filtersOf(new URLSearchParams());

describe('queryOf', () => {
  it('asks for everything where nothing is chosen', () => {
    expect(isFiltering(none)).toBe(false);
    expect(queryOf(none)).toEqual({});
    expect(tableAddress(none)).toBe('/api/v1/audit-log.csv');
  });

  it('takes whole days by the reader’s clock', () => {
    const query = queryOf({ ...none, from: '2026-03-01', to: '2026-03-01' });
    expect(query.from).toBe(new Date(2026, 2, 1).toISOString());
    expect(Date.parse(query.to ?? '') - Date.parse(query.from ?? '')).toBe(86_400_000);
  });

  it('leaves out what somebody wrote into the address', () => {
    expect(queryOf(filtersOf(new URLSearchParams('outcome=maybe&from=2026-02-31&to=soon&action=%20login%20')))).toEqual({ action: 'login' });
  });

  it('exports what is shown', () => {
    expect(tableAddress({ ...none, outcome: 'refused', actor: 'a b' })).toBe('/api/v1/audit-log.csv?actor=a+b&outcome=refused');
  });
});

describe('momentOf', () => {
  it('knows days only', () => {
    expect(momentOf('2026-13-01')).toBeNull();
    expect(momentOf('', 1)).toBeNull();
  });
});

describe('subjectFilter', () => {
  it('names the kind, and the id where there is one', () => {
    expect(subjectFilter({ kind: 'tracking', id: '7' })).toBe('tracking:7');
    expect(subjectFilter({ kind: 'tenant', id: null })).toBe('tenant');
    expect(subjectIn('tracking:7')).toEqual({ kind: 'tracking', id: '7' });
    expect(subjectIn('tenant')).toEqual({ kind: 'tenant' });
  });
});
