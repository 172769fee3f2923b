import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../api/problem';
import type { Tenant } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { useRights } from '../auth/useRights';
import { useNow } from '../format/useNow';
import { useFormat } from '../format/useFormat';
import { LANGUAGES } from '../i18n/languages';
import { ownZone, zones } from '../schedule/timing';
import { Button } from '../ui/Button';
import { Field, FieldError } from '../ui/Field';
import { SelectField } from '../ui/SelectField';
import { toast } from '../ui/toasts';
import { changeOf, formOf, type TeamForm } from './change';
import { useChangeTenant } from './queries';

/** The team's name, time zone and language. Those who may not change them read them. */
export function TeamSection({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation();
  const { manage } = useRights();
  return (
    <section aria-labelledby="team" className="rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-6">
      <h2 id="team" className="text-base font-semibold">
        {t('settings.team')}
      </h2>
      <p className="mt-1 mb-5 text-sm text-muted">{t(manage ? 'settings.teamNote' : 'settings.adminsOnly')}</p>
      {manage ? <TeamFields tenant={tenant} /> : <TeamFacts tenant={tenant} />}
    </section>
  );
}

function TeamFields({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const clock = useClockIn();
  const save = useChangeTenant();
  const [form, setForm] = useState<TeamForm>(() => formOf(tenant));
  const problem = save.error === null ? null : asProblem(save.error);
  const wanted = changeOf(tenant, form);
  const edit = (part: Partial<TeamForm>) => {
    setForm({ ...form, ...part });
    if (save.isError) save.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wanted === null || save.isPending) return;
    save.mutate(wanted, {
      onSuccess: (saved) => {
        setForm(formOf(saved));
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
        error={problem?.field('name')}
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
      {problem !== null && problem.errors.length === 0 && <FieldError>{problemText(problem).advice}</FieldError>}
      <div className="flex flex-col-reverse gap-2 sm:flex-row">
        <Button type="submit" look="primary" busy={save.isPending} disabled={wanted === null}>
          {t('common.save')}
        </Button>
        {wanted !== null && (
          <Button look="quiet" onClick={() => setForm(formOf(tenant))}>
            {t('settings.undo')}
          </Button>
        )}
      </div>
    </form>
  );
}

function TeamFacts({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation();
  const clock = useClockIn();
  const facts = [
    [t('auth.tenant'), tenant.name],
    [t('timing.zone'), `${tenant.time_zone.replaceAll('_', ' ')} (${clock(tenant.time_zone)})`],
    [t('settings.language'), Object.entries<string>(LANGUAGES).find(([code]) => code === tenant.locale)?.[1] ?? tenant.locale],
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
