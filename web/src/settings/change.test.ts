import { describe, expect, it } from 'vitest';
import type { Tenant } from '../api/types';
import { changeOf, formOf } from './change';

const tenant = { name: 'Northwind', time_zone: 'UTC', locale: 'en' } as Tenant;

describe('changeOf', () => {
  it('asks for nothing where nothing was changed', () => {
    expect(changeOf(tenant, formOf(tenant))).toBeNull();
    expect(changeOf(tenant, { ...formOf(tenant), name: ' Northwind ' })).toBeNull();
  });

  it('asks only for what was changed', () => {
    expect(changeOf(tenant, { ...formOf(tenant), time_zone: 'Asia/Shanghai' })).toEqual({ time_zone: 'Asia/Shanghai' });
    expect(changeOf(tenant, { name: 'South', time_zone: 'UTC', locale: 'zh-Hans' })).toEqual({ name: 'South', locale: 'zh-Hans' });
  });
});
