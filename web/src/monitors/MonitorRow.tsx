import { EllipsisVertical, LoaderCircle, Pause, Pencil, Play, RotateCw, Trash2, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Monitor } from '../api/types';
import { useRights } from '../auth/useRights';
import { RelativeTime } from '../format/RelativeTime';
import { useFormat } from '../format/useFormat';
import { useTroubleText } from '../product/outcomes';
import { Badge } from '../ui/Badge';
import { IconButton } from '../ui/Button';
import { Menu, MenuItem, MenuSeparator } from '../ui/Menu';
import { useMonitorText } from './useMonitorText';

interface Props {
  monitor: Monitor;
  busy: boolean;
  onRun: () => void;
  onToggle: () => void;
  onEdit: () => void;
  onDelete: () => void;
}

/** One standing search: what it looks for, how its last run went, when the next one is. */
export function MonitorRow({ monitor, busy, onRun, onToggle, onEdit, onDelete }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useMonitorText();
  const { write } = useRights();
  const paused = monitor.status === 'paused';
  const icon = 'size-4 text-muted';
  return (
    <li className="flex items-start gap-3 px-4 py-4 sm:px-5">
      <div className="grid min-w-0 grow gap-x-6 gap-y-2 lg:grid-cols-[minmax(0,1fr)_minmax(0,22rem)] lg:items-center">
        <div className="min-w-0">
          <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="min-w-0 text-sm font-semibold wrap-break-word">{monitor.name}</span>
            {monitor.running || busy ? (
              <Badge tone="accent">
                <LoaderCircle aria-hidden className="size-3 animate-spin" />
                {t('monitors.running')}
              </Badge>
            ) : (
              paused && (
                <Badge>
                  <Pause aria-hidden className="size-3" />
                  {t('monitors.paused')}
                </Badge>
              )
            )}
          </p>
          <p className="mt-0.5 text-[0.8125rem] text-muted wrap-break-word">{text.what(monitor)}</p>
          <p className="mt-0.5 text-[0.8125rem] text-muted">
            {t('track.every', { interval: format.interval(monitor.interval_seconds) })}
            {' · '}
            {t(monitor.alert ? 'monitors.alerts' : 'monitors.noAlerts')}
            {monitor.track_up_to > 0 && ` · ${t('monitors.tracksUpTo', { shown: format.number(monitor.track_up_to) })}`}
          </p>
        </div>
        <div className="min-w-0 text-[0.8125rem]">
          <LastRun monitor={monitor} />
          <p className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-muted">
            {monitor.next_due_at != null && !paused && (
              <span>
                {t('monitors.next')} <RelativeTime at={monitor.next_due_at} />
              </span>
            )}
            {(monitor.last_run?.found ?? 0) > 0 && (
              <Link to={`/?monitor=${monitor.id}`} className="font-medium text-accent underline-offset-4 hover:underline">
                {t('monitors.toProducts')}
              </Link>
            )}
          </p>
        </div>
      </div>
      {write && (
        <Menu
          trigger={
            <IconButton label={t('monitors.actions', { name: monitor.name })} className="-my-1 -mr-2 shrink-0">
              <EllipsisVertical aria-hidden className="size-5" />
            </IconButton>
          }
        >
          <MenuItem icon={<RotateCw aria-hidden className={icon} />} onSelect={onRun}>
            {t('monitors.run')}
          </MenuItem>
          <MenuItem
            icon={paused ? <Play aria-hidden className={icon} /> : <Pause aria-hidden className={icon} />}
            onSelect={onToggle}
          >
            {t(paused ? 'monitors.resume' : 'monitors.pause')}
          </MenuItem>
          <MenuItem icon={<Pencil aria-hidden className={icon} />} onSelect={onEdit}>
            {t('monitors.edit')}
          </MenuItem>
          {/* Those of a category end with their keyword. */}
          {monitor.category_id == null && (
            <>
              <MenuSeparator />
              <MenuItem icon={<Trash2 aria-hidden className="size-4 text-bad" />} onSelect={onDelete}>
                {t('common.delete')}
              </MenuItem>
            </>
          )}
        </Menu>
      )}
    </li>
  );
}

function LastRun({ monitor }: { monitor: Monitor }) {
  const { t } = useTranslation();
  const format = useFormat();
  const trouble = useTroubleText({ monitor: true });
  const run = monitor.last_run ?? null;
  if (run === null) return <p className="text-muted">{t(monitor.status === 'paused' && !monitor.running ? 'monitors.notRun' : 'monitors.neverRun')}</p>;
  const wrong = trouble(run.outcome);
  const found = run.found ?? null;
  return (
    <>
      {found !== null && (
        <p className="tabular">
          <span className="font-medium">{t('monitors.found', { count: found, shown: format.number(found) })}</span>
          {(run.new ?? 0) > 0 && <> · {t('monitors.new', { count: run.new ?? 0, shown: format.number(run.new ?? 0) })}</>}
          {run.total != null && run.total > found && (
            <span className="text-muted"> · {t('monitors.ofTotal', { shown: format.number(run.total) })}</span>
          )}
          {run.ok_at != null && (
            <span className="text-muted">
              {' · '}
              <RelativeTime at={run.ok_at} />
            </span>
          )}
        </p>
      )}
      {wrong !== null && (
        <p className="mt-1 flex items-start gap-1.5 text-warn">
          <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
          <span className="min-w-0 wrap-break-word">
            {wrong} <RelativeTime at={run.at} />
            {monitor.trouble_streak > 1 && ` · ${t('monitors.streak', { count: monitor.trouble_streak })}`}
            {run.reason != null && run.reason !== '' && <span className="block text-muted">{run.reason}</span>}
          </span>
        </p>
      )}
    </>
  );
}
