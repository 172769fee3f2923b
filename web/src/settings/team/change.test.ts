import { describe, expect, it } from 'vitest';
import type { Tenant } from '../../api/types';
import { changeOf, draftOf, slugOf } from './change';

const tenant = { name: 'Northwind', time_zone: 'UTC', locale: 'en', base_currency: 'USD', rise_color: 'green' } as Tenant;

describe('changeOf', () => {
  it('asks for nothing where nothing was changed', () => {
    expect(changeOf(tenant, draftOf(tenant))).toBeNull();
    expect(changeOf(tenant, { ...draftOf(tenant), name: ' Northwind ' })).toBeNull();
  });

  it('asks only for what was changed', () => {
    expect(changeOf(tenant, { ...draftOf(tenant), time_zone: 'Asia/Shanghai' })).toEqual({ time_zone: 'Asia/Shanghai' });
    expect(changeOf(tenant, { ...draftOf(tenant), name: 'South', locale: 'zh-Hans' })).toEqual({ name: 'South', locale: 'zh-Hans' });
    expect(changeOf(tenant, { ...draftOf(tenant), base_currency: 'CNY', rise_color: 'red' })).toEqual({
      base_currency: 'CNY',
      rise_color: 'red',
    });
  });
});

describe('slugOf', () => {
  it('takes what was typed as the server has it', () => {
    expect(slugOf(' Acme-Toys ')).toBe('acme-toys');
  });
});
