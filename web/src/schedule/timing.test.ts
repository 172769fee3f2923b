import { describe, expect, it } from 'vitest';
import { asked, changed, DEFAULT_TIMING, presetOf, PRESETS, timingOf, type Timing } from './timing';

const timing = (part: Partial<Timing>): Timing => ({ ...DEFAULT_TIMING, ...part });

describe('a timing', () => {
  it('asks for nothing where the default is wanted, and a change takes everything back', () => {
    expect(asked(DEFAULT_TIMING)).toEqual({});
    expect(changed(DEFAULT_TIMING)).toEqual({ interval_seconds: null, schedule: null, adaptive: false });
  });

  it('is an interval, within windows or not', () => {
    const hourly = timing({ mode: 'interval', adaptive: true });
    expect(asked(hourly)).toEqual({ interval_seconds: 3600, adaptive: true });
    expect(changed(hourly)).toEqual({ interval_seconds: 3600, schedule: null, adaptive: true });
    const office = timing({ mode: 'interval', zone: 'Asia/Shanghai', windows: [...PRESETS.business] as never });
    expect(asked(office).schedule).toEqual({ time_zone: 'Asia/Shanghai', windows: PRESETS.business });
  });

  it('is a time of day or a cron expression, and never adaptive then', () => {
    const daily = timing({ mode: 'daily', time: '07:05', adaptive: true });
    expect(asked(daily)).toEqual({ schedule: { cron: '5 7 * * *' } });
    expect(changed(daily)).toEqual({ schedule: { cron: '5 7 * * *' }, adaptive: false });
  });

  it('is read back as it was asked for', () => {
    const schedule = { cron: '5 7 * * *', time_zone: 'UTC', windows: [] };
    expect(timingOf({ interval_seconds: 86_400, schedule, adaptive: false })).toMatchObject({
      mode: 'daily',
      time: '07:05',
      zone: 'UTC',
    });
    const weekly = { ...schedule, cron: '0 9 * * 1' };
    expect(timingOf({ interval_seconds: 604_800, schedule: weekly, adaptive: false })).toMatchObject({
      mode: 'cron',
      cron: '0 9 * * 1',
    });
    expect(timingOf({ interval_seconds: 600, schedule: null, adaptive: true })).toMatchObject({
      mode: 'interval',
      seconds: 600,
      adaptive: true,
    });
  });

  it('knows its presets in whatever order their days stand', () => {
    expect(presetOf([{ days: ['sun', 'sat'], from: '00:00', to: '00:00' }])).toBe('weekend');
    expect(presetOf([{ days: ['sat'], from: '00:00', to: '00:00' }])).toBeNull();
    expect(presetOf([])).toBeNull();
  });
});
