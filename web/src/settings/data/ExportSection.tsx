import { Archive, Download } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../../api/problem';
import type { Export } from '../../api/types';
import { useProblemText } from '../../api/useProblemText';
import { LabelledTime } from '../../format/LabelledTime';
import { useFormat } from '../../format/useFormat';
import { useNow } from '../../format/useNow';
import { Badge } from '../../ui/Badge';
import { Button, buttonClass } from '../../ui/Button';
import { DownloadLink } from '../../ui/DownloadLink';
import { FieldError } from '../../ui/Field';
import { ErrorNotice } from '../../ui/Notice';
import { Progress } from '../../ui/Progress';
import { Skeleton } from '../../ui/Skeleton';
import { Section } from '../Section';
import { isWorking, percentOf, STAGE_TONES, stageOf } from './exports';
import { useExports, useStartExport } from './queries';

/** Everything the team has, as an archive. It is made in the background. */
export function ExportSection() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const { data, error, isPending, refetch } = useExports();
  const start = useStartExport();
  const items = data?.items ?? [];
  return (
    <Section
      id="export"
      title={t('data.export.title')}
      note={t('data.export.note')}
      action={
        <Button
          size="small"
          icon={<Archive aria-hidden className="size-4" />}
          busy={start.isPending || isWorking(items)}
          onClick={() => start.mutate()}
        >
          {t('data.export.action')}
        </Button>
      }
    >
      {start.isError && (
        <div className="mb-4">
          <FieldError>{problemText(asProblem(start.error)).advice}</FieldError>
        </div>
      )}
      {isPending ? (
        <div role="status" aria-label={t('common.loading')}>
          <Skeleton className="h-12" />
        </div>
      ) : data === undefined ? (
        <ErrorNotice error={error} onRetry={() => void refetch()} />
      ) : items.length === 0 ? (
        <p className="text-sm text-muted">{t('data.export.none')}</p>
      ) : (
        <ul aria-live="polite" className="divide-y divide-line">
          {items.map((each) => (
            <ExportRow key={each.id} each={each} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function ExportRow({ each }: { each: Export }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const stage = stageOf(each, now);
  const percent = percentOf(each);
  const made = format.dateTime(each.created_at);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0">
      <div className="min-w-0 grow basis-56">
        <p className="flex flex-wrap items-center gap-x-2 text-sm font-medium">
          {made}
          <Badge tone={STAGE_TONES[stage]}>{t(`data.export.stage.${stage}`)}</Badge>
        </p>
        {stage === 'working' && (
          <div className="mt-2 flex items-center gap-3">
            <Progress label={t('data.export.progress')} percent={percent} parts={[{ share: percent / 100, className: 'bg-accent' }]} moving className="grow" />
            <span className="tabular text-[0.8125rem] text-muted">{format.share(percent)}</span>
          </div>
        )}
        {stage === 'ready' && (
          <p className="text-[0.8125rem] text-muted">
            {format.size(each.bytes)} ·{' '}
            {each.expires_at != null && <LabelledTime label={t('data.export.kept')} at={each.expires_at} />}
          </p>
        )}
        {stage === 'failed' && each.reason != null && <p className="text-[0.8125rem] wrap-break-word text-muted">{each.reason}</p>}
      </div>
      {stage === 'ready' && (
        <DownloadLink
          href={`/api/v1/tenant/exports/${encodeURIComponent(each.id)}/archive`}
          download={`bellwether-${each.created_at.slice(0, 10)}.zip`}
          aria-label={t('data.export.downloadNamed', { time: made })}
          className={buttonClass('primary', 'small')}
        >
          <Download aria-hidden className="size-4" />
          {t('data.export.download')}
        </DownloadLink>
      )}
    </li>
  );
}
