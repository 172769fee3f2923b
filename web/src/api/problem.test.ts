import { describe, expect, it } from 'vitest';
import { problemFrom, suspensionReason } from './problem';

describe('problemFrom', () => {
  it('knows the kind from the type', () => {
    expect(problemFrom(409, { type: '/api/docs/errors#quota-exceeded' }).kind).toBe('quota_exceeded');
    expect(problemFrom(404, { type: 'about:blank' }).kind).toBe('');
    expect(problemFrom(500, 'no object').kind).toBe('');
  });

  it('reads which limit is reached', () => {
    const body = { type: '/e#quota-exceeded', limit: 'members', allowed: 5, used: 5, plan: 'free', resets_at: null };
    expect(problemFrom(403, body).quota).toEqual({ limit: 'members', allowed: 5, used: 5, plan: 'free', resetsAt: null });
    expect(problemFrom(403, { limit: 'members', allowed: 'five' }).quota).toBeNull();
  });

  it('knows that it is about how the team stands', () => {
    expect(problemFrom(403, { tenant_status: 'suspended' }).tenantStatus).toBe('suspended');
    expect(problemFrom(403, {}).tenantStatus).toBeNull();
    expect(problemFrom(403, { tenant_status: 'suspended', reason: 'unpaid.' }).suspendedFor).toBe('unpaid.');
    expect(problemFrom(403, { reason: 'unpaid.' }).suspendedFor).toBeNull();
  });

  it('takes whole seconds to wait and nothing else', () => {
    expect(problemFrom(429, {}, new Headers({ 'Retry-After': '42' })).retryAfter).toBe(42);
    expect(problemFrom(429, {}, new Headers({ 'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT' })).retryAfter).toBeNull();
  });
});

describe('suspensionReason', () => {
  it('says nothing twice', () => {
    expect(suspensionReason('This tenant is suspended: unpaid. Ask the operator of this installation.')).toBe('unpaid.');
    expect(suspensionReason('This tenant is suspended. Ask the operator.')).toBeNull();
    expect(suspensionReason('Something else.')).toBe('Something else.');
    expect(suspensionReason(null)).toBeNull();
  });
});
