import type { UseMutationResult } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../api/problem';
import type { Scheduler, SchedulerSetting } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { useFormat } from '../format/useFormat';
import { useKnownSources } from '../sources/queries';
import { Button } from '../ui/Button';
import { Checkbox } from '../ui/Checkbox';
import { FieldError } from '../ui/Field';
import { SelectField } from '../ui/SelectField';
import { KeywordChips } from './KeywordChips';
import { intervalChoices } from './round';

const PARTS = ['tracked', 'new_arrivals', 'limited'] as const;

type Draft = Pick<Scheduler, 'keywords' | 'interval_seconds' | 'sources' | 'include'>;

/** What a round consists of, and how often one begins. */
export function SettingForm({
  scheduler,
  save,
  disabled,
}: {
  scheduler: Scheduler;
  save: UseMutationResult<Scheduler, Error, SchedulerSetting>;
  disabled: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const sources = useKnownSources();
  // What was changed here and is not saved; everything else is as the server has it.
  const [draft, setDraft] = useState<Draft | null>(null);
  const shown: Draft = draft ?? scheduler;
  const chosen = shown.sources ?? null;
  const problem = save.error === null ? null : asProblem(save.error);
  const at = (field: string) => problem?.errors.find((error) => error.field.startsWith(field))?.message ?? null;
  const atField = ['keywords', 'interval_seconds', 'sources', 'include'].some((field) => at(field) !== null);
  const edit = (change: Partial<Draft>) => {
    setDraft({ ...shown, ...change });
    if (save.isError) save.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (save.isPending || draft === null) return;
    const { keywords, interval_seconds, include } = draft;
    const body: SchedulerSetting = {
      enabled: scheduler.enabled,
      keywords,
      interval_seconds,
      include,
      ...(chosen === null ? {} : { sources: chosen }),
    };
    save.mutate(body, { onSuccess: () => setDraft(null) });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 border-t border-line pt-4">
      <KeywordChips
        words={shown.keywords}
        onChange={(keywords) => edit({ keywords })}
        error={at('keywords')}
        disabled={disabled}
      />
      <SelectField
        label={t('scheduler.interval')}
        disabled={disabled}
        value={String(shown.interval_seconds)}
        onChange={(event) => edit({ interval_seconds: Number(event.target.value) })}
        options={intervalChoices(shown.interval_seconds).map((seconds) => ({
          value: String(seconds),
          label: t('track.every', { interval: format.interval(seconds) }),
        }))}
        error={at('interval_seconds')}
      />
      <fieldset disabled={disabled} className="flex flex-col gap-2">
        <legend className="mb-1.5 text-sm font-medium">{t('scheduler.include')}</legend>
        {PARTS.map((part) => (
          <Checkbox
            key={part}
            label={t(`scheduler.part.${part}`)}
            checked={shown.include[part]}
            onChange={(event) => edit({ include: { ...shown.include, [part]: event.target.checked } })}
          />
        ))}
        {at('include') !== null && <FieldError>{at('include')}</FieldError>}
      </fieldset>
      <fieldset disabled={disabled} className="flex flex-col gap-2">
        <legend className="mb-1.5 text-sm font-medium">{t('scheduler.sources')}</legend>
        <Checkbox
          label={t('scheduler.allSources')}
          hint={t('scheduler.allSourcesHint')}
          checked={chosen === null}
          onChange={(event) =>
            edit({
              sources: event.target.checked
                ? null
                : sources.filter((source) => !source.abilities.includes('paid')).map((source) => source.name),
            })
          }
        />
        {chosen !== null && (
          <div className="flex flex-wrap gap-x-5 gap-y-2 pl-6.5">
            {sources.map((source) => (
              <Checkbox
                key={source.name}
                label={source.abilities.includes('paid') ? `${source.label} ${t('monitors.paid')}` : source.label}
                checked={chosen.includes(source.name)}
                onChange={(event) => {
                  const others = chosen.filter((each) => each !== source.name);
                  edit({ sources: event.target.checked ? [...others, source.name] : others });
                }}
              />
            ))}
          </div>
        )}
        {at('sources') !== null && <FieldError>{at('sources')}</FieldError>}
      </fieldset>
      {problem !== null && !atField && <FieldError>{problemText(problem).advice}</FieldError>}
      {!disabled && (
        <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
          {draft !== null && (
            <Button
              onClick={() => {
                setDraft(null);
                save.reset();
              }}
            >
              {t('common.cancel')}
            </Button>
          )}
          <Button type="submit" look="primary" busy={save.isPending} disabled={draft === null}>
            {t('common.save')}
          </Button>
        </div>
      )}
    </form>
  );
}
