import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../../api/problem';
import type { NewApiKey } from '../../api/types';
import { useFieldText } from '../../api/useFieldText';
import { useProblemText } from '../../api/useProblemText';
import { useFormat } from '../../format/useFormat';
import { Button } from '../../ui/Button';
import { Checkbox } from '../../ui/Checkbox';
import { Dialog } from '../../ui/Dialog';
import { Field, FieldError } from '../../ui/Field';
import { SelectField } from '../../ui/SelectField';
import { AddressesField } from './AddressesField';
import { badAddress, EMPTY, keyOf, LIVES, SCOPES } from './draft';
import { type Asked, asked, useApiKeyChanges } from './queries';
import { ShownOnce } from './ShownOnce';

/** A new key: what it is for, what it may do, how long and from where. */
export function CreateKeyDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const fieldText = useFieldText();
  const problemText = useProblemText();
  const format = useFormat();
  const scopesId = useId();
  const { create } = useApiKeyChanges();
  const [draft, setDraft] = useState(EMPTY);
  const [tried, setTried] = useState(false);
  // What was asked for, until something is changed: an answer may be lost, and a second key would be one nobody sees.
  const [wanted, setWanted] = useState<Asked<NewApiKey> | null>(null);
  const problem = create.error === null ? null : asProblem(create.error);
  const named = problem?.field('name', 'scopes', 'expires_at', 'allowed_addresses') ?? null;
  const bad = badAddress(draft.addresses);
  const noScope = draft.scopes.length === 0;
  const edit = (part: Partial<typeof draft>) => {
    if (create.isPending) return;
    setDraft({ ...draft, ...part });
    setWanted(null);
    if (create.isError) create.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (create.isPending || bad !== null || noScope) return;
    const request = wanted ?? asked(keyOf(draft, Date.now()));
    setWanted(request);
    create.mutate(request);
  };
  return (
    <Dialog
      open
      large
      held={create.isPending || create.data !== undefined}
      onOpenChange={(open) => {
        if (!open && !create.isPending) onClose();
      }}
      title={create.data === undefined ? t('apiKeys.create.title') : t('apiKeys.create.done', { name: create.data.name })}
      description={t(create.data === undefined ? 'apiKeys.create.body' : 'apiKeys.create.doneBody')}
    >
      {create.data !== undefined ? (
        <ShownOnce created={create.data} onClose={onClose} />
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-5">
          <Field
            label={t('apiKeys.name')}
            required
            autoFocus
            autoComplete="off"
            maxLength={100}
            placeholder={t('apiKeys.namePlaceholder')}
            value={draft.name}
            onChange={(event) => edit({ name: event.target.value })}
            error={fieldText(problem, 'name')}
          />
          <div role="group" aria-labelledby={scopesId}>
            <p id={scopesId} className="mb-2 text-sm font-medium">
              {t('apiKeys.scopes')}
            </p>
            <div className="grid gap-3 sm:grid-cols-2">
              {SCOPES.map((scope) => (
                <Checkbox
                  key={scope}
                  label={t(`apiKeys.scope.${scope}`)}
                  hint={t(`apiKeys.scopeHint.${scope}`)}
                  checked={draft.scopes.includes(scope)}
                  onChange={(event) =>
                    edit({ scopes: event.target.checked ? [...draft.scopes, scope] : draft.scopes.filter((each) => each !== scope) })
                  }
                />
              ))}
            </div>
            {(problem?.field('scopes') != null || (tried && noScope)) && (
              <div className="mt-2">
                <FieldError>{problem?.field('scopes') ?? t('apiKeys.noScope')}</FieldError>
              </div>
            )}
          </div>
          <SelectField
            label={t('apiKeys.life')}
            value={draft.life}
            onChange={(event) => edit({ life: event.target.value })}
            options={LIVES.map((days) => ({
              value: days,
              label: days === '' ? t('apiKeys.forever') : format.interval(Number(days) * 86_400),
            }))}
            error={problem?.field('expires_at')}
          />
          <AddressesField
            value={draft.addresses}
            onChange={(addresses) => edit({ addresses })}
            error={problem?.field('allowed_addresses') ?? (tried && bad !== null ? t('apiKeys.badAddress', { address: bad }) : null)}
          />
          {problem !== null && named === null && <FieldError>{problemText(problem).advice}</FieldError>}
          <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
            <Button onClick={onClose} disabled={create.isPending}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" look="primary" busy={create.isPending}>
              {t('apiKeys.create.submit')}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
