import type { Crawl } from '../api/types';
import en from '../i18n/locales/en.json';
import type { BadgeTone } from '../ui/Badge';
import type { Part } from '../ui/Progress';

export const STATUSES = ['idle', 'running', 'completed', 'partial', 'failed', 'cancelled'] as const;
export const TRIGGERS = ['manual', 'monitor', 'schedule'] as const;
/** Which targets are shown: everything, what has not ended, or what ended so. */
export const SHOWN = ['', 'pending', 'ok', 'failed', 'cancelled'] as const;
export type Shown = (typeof SHOWN)[number];

export const isShown = (text: string): text is Shown => (SHOWN as readonly string[]).includes(text);

export const isStatus = (word: string): word is keyof typeof en.crawls.status => Object.hasOwn(en.crawls.status, word);
export const isHeadline = (word: string): word is keyof typeof en.crawls.headline => Object.hasOwn(en.crawls.headline, word);
export const isTrigger = (word: string): word is keyof typeof en.crawls.trigger => Object.hasOwn(en.crawls.trigger, word);

const TONES: Record<string, BadgeTone> = {
  idle: 'plain',
  running: 'accent',
  completed: 'good',
  partial: 'warn',
  failed: 'bad',
  cancelled: 'plain',
};
export const statusTone = (status: string): BadgeTone => TONES[status] ?? 'plain';

/** Nothing of it is under way any more. One that was cancelled may still have something to finish. */
export const isOver = (crawl: Pick<Crawl, 'finished_at'>): boolean => (crawl.finished_at ?? null) !== null;

export const canCancel = (crawl: Crawl): boolean => !isOver(crawl) && crawl.status !== 'cancelled';

export const canRetry = (crawl: Crawl): boolean => isOver(crawl) && crawl.failed > 0;

/** The bar: fetched, failed, and what was never fetched. */
export function partsOf(crawl: Pick<Crawl, 'total' | 'succeeded' | 'failed' | 'cancelled'>): readonly Part[] {
  const share = (count: number) => (crawl.total === 0 ? 0 : count / crawl.total);
  return [
    { share: share(crawl.succeeded), className: 'bg-accent' },
    { share: share(crawl.failed), className: 'bg-bad' },
    { share: share(crawl.cancelled), className: 'bg-line-strong' },
  ];
}

/** How long it took, or has taken until `now`, in seconds. */
export function secondsOf(crawl: Pick<Crawl, 'started_at' | 'finished_at'>, now: number): number {
  const end = crawl.finished_at == null ? now : Date.parse(crawl.finished_at);
  return Math.max(0, Math.round((end - Date.parse(crawl.started_at)) / 1000));
}
