import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../../api/problem';
import type { Tenant } from '../../api/types';
import { useFieldText } from '../../api/useFieldText';
import { useProblemText } from '../../api/useProblemText';
import { currencies } from '../../format/currencies';
import { useNow } from '../../format/useNow';
import { useFormat } from '../../format/useFormat';
import { LANGUAGES } from '../../i18n/languages';
import { ownZone, zones } from '../../schedule/timing';
import { Button } from '../../ui/Button';
import { Field, FieldError } from '../../ui/Field';
import { SelectField } from '../../ui/SelectField';
import { toast } from '../../ui/toasts';
import { changeOf, draftOf } from './change';
import { RiseColourField } from './RiseColourField';
import { useChangeTenant } from '../queries';

/** The team's name, clock, language, currency and colours, for those who may change them. */
export function TeamForm({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation();
  const fieldText = useFieldText();
  const problemText = useProblemText();
  const clock = useClockIn();
  const currencyName = useCurrencyName();
  const save = useChangeTenant();
  const [form, setForm] = useState(() => draftOf(tenant));
  const problem = save.error === null ? null : asProblem(save.error);
  const wanted = changeOf(tenant, form);
  const edit = (part: Partial<typeof form>) => {
    setForm({ ...form, ...part });
    if (save.isError) save.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wanted === null || save.isPending) return;
    save.mutate(wanted, {
      onSuccess: (saved) => {
        setForm(draftOf(saved));
        toast({ title: t('settings.saved') });
      },
    });
  };
  const known = zones();
  const choices = known.includes(form.time_zone) ? known : [form.time_zone, ...known];
  const own = ownZone();
  const languages = Object.entries<string>(LANGUAGES);
  const named = languages.some(([code]) => code === form.locale) ? languages : [[form.locale, form.locale] as const, ...languages];

  return (
    <form onSubmit={submit} className="flex max-w-xl flex-col gap-5">
      <Field
        label={t('auth.tenant')}
        required
        maxLength={100}
        autoComplete="organization"
        value={form.name}
        onChange={(event) => edit({ name: event.target.value })}
        error={fieldText(problem, 'name')}
      />
      <div>
        <SelectField
          label={t('timing.zone')}
          value={form.time_zone}
          onChange={(event) => edit({ time_zone: event.target.value })}
          options={choices.map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }))}
          hint={t('settings.zoneHint', { time: clock(form.time_zone) })}
          error={problem?.field('time_zone')}
        />
        {own !== null && own !== form.time_zone && (
          <Button look="quiet" size="small" className="mt-1 -ml-3" onClick={() => edit({ time_zone: own })}>
            {t('settings.useOwnZone', { zone: own.replaceAll('_', ' ') })}
          </Button>
        )}
      </div>
      <SelectField
        label={t('settings.language')}
        value={form.locale}
        onChange={(event) => edit({ locale: event.target.value })}
        options={named.map(([value, label]) => ({ value, label }))}
        hint={t('settings.languageHint')}
        error={problem?.field('locale')}
      />
      <SelectField
        label={t('team.currency')}
        value={form.base_currency}
        onChange={(event) => edit({ base_currency: event.target.value })}
        options={currencies(form.base_currency).map((code) => ({ value: code, label: currencyName(code) }))}
        hint={t('team.currencyHint')}
        error={problem?.field('base_currency')}
      />
      <RiseColourField value={form.rise_color} onChange={(rise_color) => edit({ rise_color })} error={problem?.field('rise_color')} />
      {problem !== null && problem.errors.length === 0 && <FieldError>{problemText(problem).advice}</FieldError>}
      <div className="flex flex-col-reverse gap-2 sm:flex-row">
        <Button type="submit" look="primary" busy={save.isPending} disabled={wanted === null}>
          {t('common.save')}
        </Button>
        {wanted !== null && (
          <Button look="quiet" onClick={() => setForm(draftOf(tenant))}>
            {t('settings.undo')}
          </Button>
        )}
      </div>
    </form>
  );
}

/** The same for those who only read them. */
export function TeamFacts({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation();
  const clock = useClockIn();
  const currencyName = useCurrencyName();
  const facts = [
    [t('auth.tenant'), tenant.name],
    [t('timing.zone'), `${tenant.time_zone.replaceAll('_', ' ')} (${clock(tenant.time_zone)})`],
    [t('settings.language'), Object.entries<string>(LANGUAGES).find(([code]) => code === tenant.locale)?.[1] ?? tenant.locale],
    [t('team.currency'), currencyName(tenant.base_currency)],
    [t('team.rise.label'), tenant.rise_color === 'red' ? t('team.rise.red') : t('team.rise.green')],
  ] as const;
  return (
    <dl className="divide-y divide-line text-sm">
      {facts.map(([label, value]) => (
        <div key={label} className="flex items-baseline justify-between gap-4 py-2.5">
          <dt className="shrink-0 text-muted">{label}</dt>
          <dd className="min-w-0 text-right wrap-break-word">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What the clock on the wall says in a time zone, now. */
function useClockIn() {
  const { locale } = useFormat();
  const now = useNow();
  return (zone: string): string => {
    try {
      return new Intl.DateTimeFormat(locale, { weekday: 'short', hour: 'numeric', minute: '2-digit', timeZone: zone }).format(now);
    } catch {
      // The server knows a zone that this browser does not.
      return '–';
    }
  };
}

/** `USD – US Dollar`. */
function useCurrencyName() {
  const { locale } = useFormat();
  return (code: string): string => {
    try {
      const name = new Intl.DisplayNames([locale], { type: 'currency', fallback: 'none' }).of(code);
      return name === undefined ? code : `${code} – ${name}`;
    } catch {
      return code;
    }
  };
}
