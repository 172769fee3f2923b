import { CircleCheck, TriangleAlert } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../api/problem';
import type { CredentialField, Source } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { Button } from '../ui/Button';
import { classes } from '../ui/classes';
import { Dialog } from '../ui/Dialog';
import { Field, FieldError } from '../ui/Field';
import { useCredential, useCredentialChanges } from './queries';
import { isCredentialField } from './words';

/** Asks for a source's credential, saves it and shows at once whether it works. */
export function CredentialDialog({ source, onClose }: { source: Source; onClose: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [values, setValues] = useState<Record<string, string>>({});
  const stored = useCredential(source.name, source.credential != null);
  const { save } = useCredentialChanges(source.name);
  const problem = save.error === null ? null : asProblem(save.error);
  const fields = source.credential_fields;
  const atField = problem !== null && fields.some((field) => problem.field(field.name) !== null);
  const answer = save.data ?? null;
  const works = answer?.status === 'works';

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) save.mutate(values);
  };
  const label = (field: CredentialField) => {
    const name = isCredentialField(field.name) ? t(`sources.credential.field.${field.name}`) : field.label;
    return field.optional ? t('sources.credential.optional', { name }) : name;
  };

  return (
    <Dialog
      open
      large
      onOpenChange={(open) => !open && onClose()}
      title={t('sources.credential.dialogTitle', { source: source.label })}
      description={t('sources.credential.dialogBody')}
    >
      <form onSubmit={submit} autoComplete="off" className="flex flex-col gap-4">
        <div className="grid gap-4 sm:grid-cols-2">
          {fields.map((field, index) => (
            <Field
              key={field.name}
              label={label(field)}
              name={`credential-${field.name}`}
              type={field.secret ? 'password' : 'text'}
              autoComplete={field.secret ? 'new-password' : 'off'}
              autoCapitalize="none"
              spellCheck={false}
              autoFocus={index === 0}
              required={!field.optional}
              maxLength={4096}
              placeholder={stored.data?.fields.includes(field.name) === true ? t('sources.credential.set') : ''}
              value={values[field.name] ?? ''}
              onChange={(event) => {
                setValues({ ...values, [field.name]: event.target.value });
                if (save.isError || save.isSuccess) save.reset();
              }}
              error={problem?.field(field.name)}
            />
          ))}
        </div>
        {source.credential != null && <p className="text-[0.8125rem] text-muted">{t('sources.credential.whole')}</p>}
        <div aria-live="polite">
          {answer !== null && (
            <p
              className={classes(
                'flex items-start gap-2 rounded-lg px-3 py-2.5 text-sm',
                works ? 'bg-good-soft text-good' : answer.status === 'failed' ? 'bg-bad-soft text-bad' : 'bg-warn-soft text-warn',
              )}
            >
              {works ? (
                <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0" />
              ) : (
                <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
              )}
              <span className="min-w-0 wrap-break-word">
                <span className="font-medium">
                  {t(
                    works
                      ? 'sources.credential.savedWorks'
                      : answer.status === 'failed'
                        ? 'sources.credential.savedFailed'
                        : 'sources.credential.savedUntested',
                  )}
                </span>{' '}
                {answer.message}
              </span>
            </p>
          )}
          {problem !== null && !atField && <FieldError>{problem.field('fields') ?? problemText(problem).advice}</FieldError>}
        </div>
        <div className="mt-1 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
          <Button onClick={onClose}>{t(answer === null ? 'common.cancel' : 'common.close')}</Button>
          {!works && (
            <Button type="submit" look="primary" busy={save.isPending}>
              {t(save.isPending ? 'sources.credential.testing' : 'sources.credential.save')}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  );
}
