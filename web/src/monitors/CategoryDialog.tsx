import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { idempotencyKey } from '../api/client';
import { asProblem } from '../api/problem';
import type { Category, NewCategory } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { useKnownSources } from '../sources/queries';
import { Button } from '../ui/Button';
import { Checkbox } from '../ui/Checkbox';
import { Dialog } from '../ui/Dialog';
import { Field, FieldError, inputClass } from '../ui/Field';
import { DEFAULT_RUN_INTERVAL, keywordsOf, lacksAccess } from './kinds';
import { useCategoryChanges } from './queries';
import { type Watch, WatchOptions } from './WatchOptions';

/** Makes or changes a category. */
export function CategoryDialog({ category, onClose }: { category: Category | null; onClose: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const id = useId();
  const searchable = useKnownSources().filter((source) => source.monitors.includes('keyword'));
  const { create, change } = useCategoryChanges();
  const [name, setName] = useState(category?.name ?? '');
  const [words, setWords] = useState(category?.keywords.join('\n') ?? '');
  const [auto, setAuto] = useState(category?.auto_crawl ?? true);
  // `null` leaves the choice to the server: those that cost nothing and those with a credential.
  const [sources, setSources] = useState<readonly string[] | null>(category?.sources ?? null);
  const [watch, setWatch] = useState<Watch>({
    interval_seconds: category?.interval_seconds ?? DEFAULT_RUN_INTERVAL,
    alert: category?.alert ?? true,
    track_up_to: category?.track_up_to ?? 0,
  });
  const [key, setKey] = useState(idempotencyKey);
  const [nowhere, setNowhere] = useState(false);
  const saving = category === null ? create : change;
  const problem = saving.error === null ? null : asProblem(saving.error);
  const at = (field: string) => problem?.errors.find((error) => error.field.startsWith(field))?.message ?? null;
  const atField = ['name', 'keywords', 'sources', 'interval_seconds', 'track_up_to'].some((field) => at(field) !== null);
  const edited = () => {
    setKey(idempotencyKey());
    setNowhere(false);
    if (saving.isError) saving.reset();
  };
  // Once named, they can be changed but no more left to the server.
  const mayLeaveOpen = (category?.sources ?? null) === null;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (saving.isPending) return;
    if (sources?.length === 0) {
      setNowhere(true);
      return;
    }
    const body: NewCategory = {
      name: name.trim(),
      keywords: keywordsOf(words),
      auto_crawl: auto,
      ...(sources === null ? {} : { sources: [...sources] }),
      ...watch,
    };
    if (category === null) create.mutate({ body, key }, { onSuccess: onClose });
    else change.mutate({ id: category.id, body }, { onSuccess: onClose });
  };

  return (
    <Dialog
      open
      large
      onOpenChange={(open) => !open && onClose()}
      title={t(category === null ? 'categories.form.newTitle' : 'categories.form.editTitle')}
      description={t('categories.form.body')}
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label={t('categories.form.name')}
          required
          autoFocus
          maxLength={100}
          autoComplete="off"
          value={name}
          onChange={(event) => {
            setName(event.target.value);
            edited();
          }}
          error={at('name')}
        />
        <div className="flex flex-col gap-1.5">
          <label htmlFor={id} className="text-sm font-medium">
            {t('categories.form.keywords')}
          </label>
          <textarea
            id={id}
            required
            rows={3}
            value={words}
            aria-describedby={`${id}-hint`}
            aria-invalid={at('keywords') !== null || undefined}
            onChange={(event) => {
              setWords(event.target.value);
              edited();
            }}
            className={`${inputClass} h-auto! py-2 leading-6`}
          />
          {at('keywords') === null ? (
            <p id={`${id}-hint`} className="text-[0.8125rem] text-muted">
              {t('categories.form.keywordsHint')}
            </p>
          ) : (
            <FieldError id={`${id}-hint`}>{at('keywords')}</FieldError>
          )}
        </div>
        <Checkbox
          label={t('categories.form.auto')}
          hint={t('categories.form.autoHint')}
          checked={auto}
          onChange={(event) => {
            setAuto(event.target.checked);
            edited();
          }}
        />
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1.5 text-sm font-medium">{t('categories.form.sources')}</legend>
          {mayLeaveOpen && (
            <Checkbox
              label={t('categories.form.allFree')}
              hint={t('categories.form.allFreeHint')}
              checked={sources === null}
              onChange={(event) => {
                const free = searchable.filter((source) => !source.abilities.includes('paid') && !lacksAccess(source));
                setSources(event.target.checked ? null : free.map((source) => source.name));
                edited();
              }}
            />
          )}
          {sources !== null && (
            <div className="flex flex-wrap gap-x-5 gap-y-2 pl-6.5">
              {searchable.map((source) => (
                <Checkbox
                  key={source.name}
                  label={source.abilities.includes('paid') ? `${source.label} ${t('monitors.paid')}` : source.label}
                  checked={sources.includes(source.name)}
                  onChange={(event) => {
                    const others = sources.filter((each) => each !== source.name);
                    setSources(event.target.checked ? [...others, source.name] : others);
                    edited();
                  }}
                />
              ))}
            </div>
          )}
          {nowhere && <FieldError>{t('categories.form.nowhere')}</FieldError>}
          {at('sources') !== null && <FieldError>{at('sources')}</FieldError>}
        </fieldset>
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
            {t(category === null ? 'categories.create' : 'common.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
