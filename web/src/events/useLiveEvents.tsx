import { useQueryClient } from '@tanstack/react-query';
import { Gauge } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAlertText } from '../alerts/useAlertText';
import { AlertIcon } from '../alerts/AlertIcon';
import { authorizedFetch } from '../api/client';
import { CrawlIcon } from '../crawls/CrawlIcon';
import { useCrawlText } from '../crawls/useCrawlText';
import { useUsageText } from '../settings/plan/useUsageText';
import { toast } from '../ui/toasts';
import type { CrawlFinished, QuotaWarning, RaisedAlert } from './kinds';
import { Receiver } from './receive';
import { EventStream, type StreamState } from './stream';

export type Connection = 'connecting' | 'live' | 'lost';

/** A break shorter than this is not worth telling, in milliseconds. */
const PATIENCE = 4_000;
/** After a longer break the page is fetched anew, for the server may not remember it all. */
const FORGIVEN = 60_000;

function connect(lastEventId: string | null, signal: AbortSignal): Promise<Response> {
  const headers = new Headers({ Accept: 'text/event-stream' });
  if (lastEventId !== null) headers.set('Last-Event-ID', lastEventId);
  return authorizedFetch(new Request('/api/v1/events', { headers, signal, cache: 'no-store' }));
}

/** Listens to the event stream for as long as the caller is shown. */
export function useLiveEvents(): Connection {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>('connecting');
  const text = useAlertText();
  const crawlText = useCrawlText();

  // The stream outlives a change of language; it always tells with the newest words.
  const tell = useRef<(alert: RaisedAlert) => void>(() => undefined);
  useEffect(() => {
    tell.current = (alert) =>
      toast({
        icon: <AlertIcon alert={alert} />,
        title: text.headline(alert),
        body: alert.product?.title ?? text.detail(alert) ?? text.change(alert),
        to: alert.product_id == null ? (alert.source == null ? '/alerts' : '/sources') : `/products/${alert.product_id}`,
      });
  }, [text]);

  const tellCrawl = useRef<(crawl: CrawlFinished) => void>(() => undefined);
  useEffect(() => {
    tellCrawl.current = (crawl) => {
      const to = `/crawls/${crawl.crawl_id}`;
      // Only who started it by hand waits for it, unless it is looked at anyway.
      if (crawl.trigger !== 'manual' || window.location.pathname === to) return;
      toast({
        icon: <CrawlIcon status={crawl.status} />,
        title: crawlText.headline(crawl.status),
        body: crawlText.counts(crawl),
        to,
      });
    };
  }, [crawlText]);

  const { t } = useTranslation();
  const usageText = useUsageText();
  const tellQuota = useRef<(warning: QuotaWarning) => void>(() => undefined);
  useEffect(() => {
    tellQuota.current = (warning) =>
      toast({
        icon: <Gauge aria-hidden className="size-5 text-warn" />,
        title: t(warning.percent >= 100 ? 'usage.toast.exceeded' : 'usage.toast.warning', { limit: usageText.name(warning.name) }),
        to: '/settings/plan',
      });
  }, [t, usageText]);

  useEffect(() => {
    const receiver = new Receiver(
      client,
      (alert) => tell.current(alert),
      (crawl) => tellCrawl.current(crawl),
      (warning) => tellQuota.current(warning),
    );
    let brokenSince: number | null = null;
    let patience: ReturnType<typeof setTimeout> | undefined;
    const onState = (state: StreamState) => {
      if (state === 'open') {
        clearTimeout(patience);
        patience = undefined;
        setConnection('live');
        if (brokenSince !== null && Date.now() - brokenSince > FORGIVEN) receiver.catchUp();
        brokenSince = null;
      } else if (state !== 'connecting') {
        brokenSince ??= Date.now();
        patience ??= setTimeout(() => setConnection('lost'), PATIENCE);
      }
    };
    const stream = new EventStream({ connect, onEvent: (event) => receiver.take(event), onState });
    stream.start();
    const wake = () => stream.wake();
    window.addEventListener('online', wake);
    return () => {
      window.removeEventListener('online', wake);
      clearTimeout(patience);
      stream.stop();
      receiver.close();
    };
  }, [client]);

  return connection;
}
