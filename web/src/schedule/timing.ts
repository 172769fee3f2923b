import type { NewTracking, Tracking, TrackingPatch } from '../api/types';

/** Monday to Sunday, as the API names them. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

export interface Window {
  days: string[];
  from: string;
  to: string;
}

/** Windows that many want. */
export const PRESETS = {
  business: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '18:00' }],
  // One that ends at its beginning lasts a day.
  weekend: [{ days: ['sat', 'sun'], from: '00:00', to: '00:00' }],
} as const satisfies Record<string, readonly Window[]>;

export type Preset = keyof typeof PRESETS;

/** When to look, as the form has it. */
export interface Timing {
  mode: 'default' | 'interval' | 'daily' | 'cron';
  /** Of an interval, in seconds. */
  seconds: number;
  /** `HH:MM`, of "daily". */
  time: string;
  cron: string;
  /** IANA name; null: the tenant's own. */
  zone: string | null;
  /** Empty: at any time. */
  windows: Window[];
  adaptive: boolean;
}

export const DEFAULT_TIMING: Timing = {
  mode: 'default',
  seconds: 3_600,
  time: '02:00',
  cron: '0 9 * * 1-5',
  zone: null,
  windows: [],
  adaptive: false,
};

/** Whether the time zone says anything. */
export const needsZone = (timing: Timing) =>
  timing.mode === 'daily' || timing.mode === 'cron' || (timing.mode === 'interval' && timing.windows.length > 0);

function cronOf(timing: Timing): string | null {
  if (timing.mode === 'cron') return timing.cron.trim();
  if (timing.mode !== 'daily') return null;
  const [hour, minute] = timing.time.split(':').map(Number);
  return `${minute ?? 0} ${hour ?? 0} * * *`;
}

type Asked = Pick<NewTracking, 'interval_seconds' | 'schedule' | 'adaptive'>;

/** What a new tracking asks for; nothing where the source's default is wanted. */
export function asked(timing: Timing): Asked {
  if (timing.mode === 'default') return {};
  const cron = cronOf(timing);
  const zone = timing.zone === null ? {} : { time_zone: timing.zone };
  const windows = timing.windows.length > 0 ? { windows: timing.windows } : {};
  if (cron !== null) return { schedule: { cron, ...zone, ...windows } };
  return {
    interval_seconds: timing.seconds,
    ...(timing.windows.length > 0 ? { schedule: { ...zone, ...windows } } : {}),
    ...(timing.adaptive ? { adaptive: true } : {}),
  };
}

/** The change that makes a tracking look so: what it does not ask for goes. */
export function changed(timing: Timing): TrackingPatch {
  const wanted = asked(timing);
  const adaptive = wanted.adaptive ?? false;
  if (wanted.interval_seconds != null) {
    return { interval_seconds: wanted.interval_seconds, schedule: wanted.schedule ?? null, adaptive };
  }
  return wanted.schedule == null
    ? { interval_seconds: null, schedule: null, adaptive }
    : { schedule: wanted.schedule, adaptive };
}

const DAILY = /^(\d{1,2}) (\d{1,2}) \* \* \*$/;

/** The form of a tracking that there is. */
export function timingOf(tracking: Pick<Tracking, 'interval_seconds' | 'schedule' | 'adaptive'>): Timing {
  const schedule = tracking.schedule ?? null;
  const cron = schedule?.cron ?? null;
  const base: Timing = {
    ...DEFAULT_TIMING,
    zone: schedule?.time_zone ?? null,
    windows: schedule?.windows ?? [],
    adaptive: tracking.adaptive,
  };
  if (cron === null) return { ...base, mode: 'interval', seconds: tracking.interval_seconds };
  const daily = DAILY.exec(cron);
  if (daily === null) return { ...base, mode: 'cron', cron };
  const [, minute = '0', hour = '0'] = daily;
  return { ...base, mode: 'daily', cron, time: `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}` };
}

/** The preset that windows are; null: none, or other hours. */
export function presetOf(windows: readonly Window[]): Preset | null {
  const same = (preset: readonly Window[]) => JSON.stringify(preset) === JSON.stringify(windows.map(plain));
  return (Object.keys(PRESETS) as Preset[]).find((name) => same(PRESETS[name])) ?? null;
}

const plain = ({ days, from, to }: Window): Window => ({
  days: DAYS.filter((day) => days.includes(day)),
  from,
  to,
});

/** The reader's time zone, if the server can be expected to know it. */
export function ownZone(): string | null {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zones().includes(zone) ? zone : null;
}

/** Every time zone the browser knows. */
export function zones(): string[] {
  return [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])];
}
