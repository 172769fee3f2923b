import { describe, expect, it } from 'vitest';
import { isWorking, percentOf, stageOf } from './exports';

const now = Date.parse('2026-03-08T00:00:00Z');

describe('stageOf', () => {
  it('offers only what is ready and still there', () => {
    expect(stageOf({ status: 'done', expires_at: '2026-03-09T00:00:00Z' }, now)).toBe('ready');
    expect(stageOf({ status: 'done', expires_at: '2026-03-07T00:00:00Z' }, now)).toBe('expired');
    expect(stageOf({ status: 'failed' }, now)).toBe('failed');
    expect(stageOf({ status: 'queued' }, now)).toBe('working');
  });
});

describe('isWorking', () => {
  it('asks again only while something goes on', () => {
    expect(isWorking([{ status: 'done' }, { status: 'running' }])).toBe(true);
    expect(isWorking([{ status: 'done' }, { status: 'failed' }])).toBe(false);
    expect(isWorking(undefined)).toBe(false);
  });
});

describe('percentOf', () => {
  it('stays within the bar', () => {
    expect([percentOf({ percent: 0 }), percentOf({ percent: 41.6 }), percentOf({ percent: 120 })]).toEqual([0, 42, 100]);
  });
});
