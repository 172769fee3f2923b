import { Check, CheckCheck } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { asProblem } from '../api/problem';
import { useProblemText } from '../api/useProblemText';
import type { RaisedAlert } from '../events/kinds';
import { RelativeTime } from '../format/RelativeTime';
import { Button } from '../ui/Button';
import { Badge } from '../ui/Badge';
import { toast } from '../ui/toasts';
import { classes } from '../ui/classes';
import { AlertIcon } from './AlertIcon';
import { useAcknowledge } from './queries';
import { arrivedJustNow } from './unseen';
import { useAlertText } from './useAlertText';

/** One alert: what happened, to which product, when, and a way to tick it off. */
export function AlertRow({ alert, withProduct = true }: { alert: RaisedAlert; withProduct?: boolean }) {
  const { t } = useTranslation();
  const text = useAlertText();
  const problemText = useProblemText();
  const acknowledge = useAcknowledge((error) =>
    toast({ title: t('alerts.acknowledgeFailed'), body: problemText(asProblem(error)).advice }),
  );
  const change = text.change(alert);
  const detail = text.detail(alert);
  const done = (alert.acknowledged_at ?? null) !== null;
  const headline = text.headline(alert);
  const [fresh] = useState(() => arrivedJustNow(alert.id));
  return (
    <li className={classes('flex items-start gap-3 px-4 py-3.5 sm:items-center sm:gap-4 sm:px-5', fresh && 'animate-settle')}>
      <AlertIcon alert={alert} />
      <div className="grid min-w-0 grow gap-x-4 gap-y-0.5 sm:grid-cols-[1fr_auto] sm:items-center">
        <div className="min-w-0">
          <p className="flex flex-wrap items-center gap-x-2 text-sm">
            <span className={classes('font-semibold', done && 'font-medium text-muted')}>{headline}</span>
            {alert.severity === 'critical' && !done && <Badge tone="warn">{t('alerts.critical')}</Badge>}
            {alert.superseded && <Badge title={t('alerts.supersededTitle')}>{t('alerts.superseded')}</Badge>}
          </p>
          {withProduct ? <AlertSubject alert={alert} /> : detail !== null && <FoundBy alert={alert} detail={detail} className="block truncate text-muted" />}
        </div>
        <div className="flex flex-wrap items-center gap-x-3 text-[0.8125rem] text-muted sm:flex-col sm:items-end">
          {change !== null && (
            <span className="tabular max-w-full text-ink wrap-break-word sm:max-w-72 sm:truncate" title={change}>
              {change}
            </span>
          )}
          <RelativeTime at={alert.occurred_at} />
        </div>
      </div>
      {done ? (
        <span className="flex w-9 shrink-0 justify-center self-center text-muted sm:w-32" title={t('alerts.acknowledged')}>
          <CheckCheck aria-hidden className="size-4.5" />
          <span className="sr-only">{t('alerts.acknowledged')}</span>
        </span>
      ) : (
        <span className="flex w-9 shrink-0 justify-center self-center sm:w-32 sm:justify-end">
          <Button
            size="small"
            className="max-sm:w-9 max-sm:px-0"
            aria-label={`${t('alerts.acknowledge')}: ${headline}`}
            title={t('alerts.acknowledge')}
            icon={<Check aria-hidden className="size-4" />}
            onClick={() => acknowledge.mutate(alert.id)}
          >
            <span className="max-sm:hidden">{t('alerts.acknowledge')}</span>
          </Button>
        </span>
      )}
    </li>
  );
}

/**
 * What an alert is about, leading to where more is told. A product that is watched no more has no
 * name left, and no page.
 */
function AlertSubject({ alert }: { alert: RaisedAlert }) {
  const text = useAlertText();
  const detail = text.detail(alert);
  const line = 'block truncate text-sm text-muted';
  const link = `${line} underline-offset-4 hover:text-ink hover:underline`;
  if (alert.product) {
    return (
      <>
        <Link to={`/products/${alert.product_id}`} className={link}>
          {alert.product.title ?? `#${alert.product_id}`}
        </Link>
        {detail !== null && <FoundBy alert={alert} detail={detail} className={link} />}
      </>
    );
  }
  if (alert.product_id == null && alert.source != null) {
    return (
      <Link to="/sources" className={link} title={detail ?? undefined}>
        {detail ?? alert.source}
      </Link>
    );
  }
  return (
    <>
      {alert.product_id != null && <span className={line}>#{alert.product_id}</span>}
      {detail !== null && <FoundBy alert={alert} detail={detail} className={link} />}
    </>
  );
}

function FoundBy({ alert, detail, className }: { alert: RaisedAlert; detail: string; className: string }) {
  if (alert.monitor_id == null) return <span className="block truncate text-[0.8125rem] text-muted">{detail}</span>;
  return (
    <Link to={`/?monitor=${alert.monitor_id}`} className={`${className} text-[0.8125rem]!`}>
      {detail}
    </Link>
  );
}
