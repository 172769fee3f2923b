import { TriangleAlert } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { idempotencyKey } from '../api/client';
import { asProblem } from '../api/problem';
import type { Monitor, NewMonitor, Source } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { useFormat } from '../format/useFormat';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Field, FieldError } from '../ui/Field';
import { SelectField } from '../ui/SelectField';
import { DEFAULT_RUN_INTERVAL, lacksAccess, needsTerm } from './kinds';
import { useMonitorChanges } from './queries';
import { useMonitorText } from './useMonitorText';
import { type Watch, WatchOptions } from './WatchOptions';

const FIELDS = ['source', 'kind', 'term', 'marketplace', 'name', 'interval_seconds', 'track_up_to', 'alert'] as const;

/** Makes a monitor, or changes how an existing one runs; what that one searches for stays. */
export function MonitorDialog({
  sources,
  monitor,
  initialSource,
  onClose,
}: {
  /** Those that can run monitors. */
  sources: readonly Source[];
  /** The one to change; `null` makes another. */
  monitor: Monitor | null;
  initialSource: string;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useMonitorText();
  const problemText = useProblemText();
  const { create, change } = useMonitorChanges();
  const [chosen, setChosen] = useState(initialSource);
  const [kind, setKind] = useState<string | null>(null);
  const [term, setTerm] = useState('');
  const [marketplace, setMarketplace] = useState<string | null>(null);
  const [name, setName] = useState(monitor?.name ?? '');
  const [watch, setWatch] = useState<Watch>({
    interval_seconds: monitor?.interval_seconds ?? DEFAULT_RUN_INTERVAL,
    alert: monitor?.alert ?? true,
    track_up_to: monitor?.track_up_to ?? 0,
  });
  const [key, setKey] = useState(idempotencyKey);
  const saving = monitor === null ? create : change;
  const problem = saving.error === null ? null : asProblem(saving.error);
  const atField = problem !== null && FIELDS.some((field) => problem.field(field) !== null);

  const source = sources.find((each) => each.name === chosen) ?? sources[0];
  const kinds = source?.monitors ?? [];
  const shownKind = kind !== null && kinds.includes(kind) ? kind : (kinds[0] ?? 'keyword');
  const markets = source?.marketplaces ?? [];
  const market = marketplace !== null && markets.includes(marketplace) ? marketplace : (markets[0] ?? null);

  const edited = () => {
    setKey(idempotencyKey());
    if (saving.isError) saving.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (saving.isPending) return;
    if (monitor !== null) {
      change.mutate({ id: monitor.id, body: { ...watch, ...(name.trim() === '' ? {} : { name: name.trim() }) } }, { onSuccess: onClose });
      return;
    }
    if (source === undefined) return;
    const body: NewMonitor = {
      source: source.name,
      kind: shownKind,
      ...(needsTerm(shownKind) ? { term: term.trim() } : {}),
      ...(market === null ? {} : { marketplace: market }),
      ...(name.trim() === '' ? {} : { name: name.trim() }),
      ...watch,
    };
    create.mutate({ body, key }, { onSuccess: onClose });
  };

  return (
    <Dialog
      open
      large
      onOpenChange={(open) => !open && onClose()}
      title={t(monitor === null ? 'monitors.form.newTitle' : 'monitors.form.editTitle')}
      description={monitor === null ? t('monitors.form.newBody') : text.what(monitor)}
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        {monitor === null && (
          <>
            <div className="grid gap-4 sm:grid-cols-2">
              <SelectField
                label={t('products.source')}
                value={source?.name ?? ''}
                onChange={(event) => {
                  setChosen(event.target.value);
                  edited();
                }}
                options={sources.map((each) => ({ value: each.name, label: each.label }))}
                error={problem?.field('source')}
              />
              <SelectField
                label={t('monitors.form.kind')}
                value={shownKind}
                onChange={(event) => {
                  setKind(event.target.value);
                  edited();
                }}
                options={kinds.map((each) => ({ value: each, label: text.kind(each) }))}
                error={problem?.field('kind')}
              />
            </div>
            {source !== undefined && lacksAccess(source) && (
              <p className="flex items-start gap-2 rounded-lg bg-warn-soft px-3 py-2 text-[0.8125rem] text-warn">
                <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
                <span>
                  {t('monitors.form.needsAccess', { source: source.label })}{' '}
                  <Link to="/sources" className="font-medium underline underline-offset-4">
                    {t('monitors.form.toSources')}
                  </Link>
                </span>
              </p>
            )}
            {needsTerm(shownKind) && (
              <Field
                label={t('monitors.form.term')}
                required
                autoFocus
                maxLength={500}
                autoComplete="off"
                value={term}
                onChange={(event) => {
                  setTerm(event.target.value);
                  edited();
                }}
                hint={t(shownKind === 'keyword' ? 'monitors.form.keywordHint' : 'monitors.form.termHint')}
                error={problem?.field('term')}
              />
            )}
            {markets.length > 1 && (
              <SelectField
                label={t('products.marketplace')}
                value={market ?? ''}
                onChange={(event) => {
                  setMarketplace(event.target.value);
                  edited();
                }}
                options={markets.map((code) => ({ value: code, label: `${format.region(code)} (${code})` }))}
                error={problem?.field('marketplace')}
              />
            )}
          </>
        )}
        <Field
          label={t('monitors.form.name')}
          maxLength={200}
          autoComplete="off"
          value={name}
          required={monitor !== null}
          onChange={(event) => {
            setName(event.target.value);
            edited();
          }}
          hint={monitor === null ? t('monitors.form.nameHint') : undefined}
          error={problem?.field('name')}
        />
        <WatchOptions
          value={watch}
          onChange={(next) => {
            setWatch({ ...watch, ...next });
            edited();
          }}
          problem={problem}
        />
        {problem !== null && !atField && <FieldError>{problemText(problem).advice}</FieldError>}
        <div className="mt-1 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" look="primary" busy={saving.isPending}>
            {t(monitor === null ? 'monitors.form.create' : 'common.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
