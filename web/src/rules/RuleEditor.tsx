import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { idempotencyKey } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import type { NewRule, Product, Rule, RulePatch } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { useRights } from '../auth/useRights';
import { Button } from '../ui/Button';
import { Field, FieldError } from '../ui/Field';
import { SelectField } from '../ui/SelectField';
import { toast } from '../ui/toasts';
import { readCondition } from './condition';
import { conditionOf, countTests, formOf, type GroupDraft, MOST_TESTS, placesOf } from './draft';
import { GroupFields } from './GroupFields';
import { PRESETS, presetOf } from './presets';
import { useRuleChanges } from './queries';
import { Scope } from './RuleRow';
import { ScopeFields, type ScopeKind } from './ScopeFields';
import { isSeverity, SEVERITIES, type Severity } from './severity';
import { pointOf } from './TestFields';
import { TryPanel } from './TryPanel';
import { useRuleText } from './useRuleText';

/** The form of a rule beside what it would have done. */
export function RuleEditor({ rule, initialProduct }: { rule: Rule | null; initialProduct: Product | null }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { write } = useRights();
  const form = useRef<HTMLFormElement>(null);
  const text = useRuleText();
  const problemText = useProblemText();
  const { create, change } = useRuleChanges();
  const condition = rule === null ? null : readCondition(rule.condition);
  const unknown = rule !== null && condition === null;
  const [product, setProduct] = useState<Product | null>(initialProduct);
  const currency = product?.price?.currency ?? 'USD';
  const [group, setGroup] = useState<GroupDraft>(() => (condition === null ? presetOf('drop', currency) : formOf(condition)));
  const [name, setName] = useState(rule?.name ?? '');
  const [severity, setSeverity] = useState<Severity>(rule !== null && isSeverity(rule.severity) ? rule.severity : 'by_size');
  const [scope, setScope] = useState<ScopeKind>(initialProduct?.tracking_id == null ? 'everything' : 'product');
  const [tag, setTag] = useState('');
  const [key, setKey] = useState(idempotencyKey);
  // What the server refused, of the last save or the last test.
  const [problem, setProblem] = useState<Problem | null>(null);

  const places = placesOf(group);
  const wanted = conditionOf(group);
  const saving = create.isPending || change.isPending;
  const elsewhere = problem?.errors.find(({ field }) => {
    const point = pointOf(field);
    const known = ['name', 'severity', 'tag', 'tracking_id'].includes(point);
    return !known && ![...places.values()].some((place) => point === place || point.startsWith(`${place}.`));
  });
  const edited = () => {
    setKey(idempotencyKey());
    setProblem(null);
  };
  const edit = (next: GroupDraft) => {
    setGroup(next);
    edited();
  };
  const choose = (next: Product | null) => {
    setProduct(next);
    edited();
  };
  const forOne = rule === null && scope === 'product';
  const untracked = forOne && (product?.tracking_id ?? null) === null;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (saving || untracked || !write) return;
    const done = {
      onSuccess: () => {
        toast({ title: t('rules.saved') });
        void navigate('/alerts/rules');
      },
      onError: (error: unknown) => setProblem(asProblem(error)),
    };
    if (rule !== null) {
      const body: RulePatch = { name: name.trim() === '' ? null : name.trim(), severity, ...(unknown ? {} : { condition: wanted }) };
      change.mutate({ id: rule.id, body }, done);
      return;
    }
    const body: NewRule = {
      ...(name.trim() === '' ? {} : { name: name.trim() }),
      ...(scope === 'tag' ? { tag: tag.trim() } : {}),
      ...(scope === 'product' ? { tracking_id: product?.tracking_id ?? null } : {}),
      condition: wanted,
      severity,
    };
    create.mutate({ body, key }, done);
  };

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 xl:grid-cols-[minmax(0,1fr)_minmax(0,1fr)] xl:gap-6">
      <form ref={form} onSubmit={submit} className="flex min-w-0 flex-col gap-6 rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-6">
        {!write && <p className="rounded-lg bg-sunken px-3 py-2 text-[0.8125rem] text-muted">{t('rules.form.readOnly')}</p>}
        {rule === null ? (
          <>
            <Presets onChoose={(preset) => edit(presetOf(preset, currency))} />
            <ScopeFields
              kind={scope}
              tag={tag}
              product={product}
              error={problem?.field('tag', 'tracking_id') ?? null}
              onKind={(next) => {
                setScope(next);
                edited();
              }}
              onTag={(next) => {
                setTag(next);
                edited();
              }}
              onProduct={choose}
            />
          </>
        ) : (
          <div>
            <p className="mb-1.5 text-sm font-medium">{t('rules.scope.label')}</p>
            <Scope rule={rule} />
            <p className="mt-1.5 text-[0.8125rem] text-muted">{t('rules.scope.fixed')}</p>
          </div>
        )}

        <div>
          <h2 className="mb-3 text-base font-semibold">{t('rules.form.what')}</h2>
          {unknown ? (
            <p className="rounded-lg bg-warn-soft px-3 py-2 text-[0.8125rem] text-warn">{t('rules.form.unknown')}</p>
          ) : (
            <GroupFields
              group={group}
              full={countTests(group) >= MOST_TESTS}
              places={places}
              problem={problem}
              currency={currency}
              onChange={edit}
            />
          )}
        </div>

        {!unknown && (
          <div className="rounded-xl bg-accent-soft px-4 py-3 text-accent">
            <p className="text-xs font-medium">{t('rules.form.reads')}</p>
            <p aria-live="polite" className="mt-0.5 text-sm font-medium text-pretty wrap-break-word">
              {text.summary(wanted)}
            </p>
          </div>
        )}

        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label={t('rules.form.name')}
            maxLength={100}
            autoComplete="off"
            value={name}
            onChange={(event) => {
              setName(event.target.value);
              edited();
            }}
            hint={t('rules.form.nameHint')}
            error={problem?.field('name')}
          />
          <SelectField
            label={t('rules.severity.label')}
            value={severity}
            onChange={(event) => {
              if (isSeverity(event.target.value)) setSeverity(event.target.value);
              edited();
            }}
            options={SEVERITIES.map((value) => ({ value, label: t(`rules.severity.${value}`) }))}
            error={problem?.field('severity')}
          />
        </div>

        {problem !== null && problem.errors.length === 0 && <FieldError>{problemText(problem).advice}</FieldError>}
        {elsewhere !== undefined && <FieldError>{elsewhere.message}</FieldError>}
        {write && (
          <div className="flex flex-col gap-3">
            <p className="text-[0.8125rem] text-muted">{t('rules.form.firstSight')}</p>
            <div className="flex flex-col-reverse gap-2 sm:flex-row">
              <Button onClick={() => void navigate('/alerts/rules')}>{t('common.cancel')}</Button>
              <Button type="submit" look="primary" busy={saving} disabled={untracked}>
                {t(rule === null ? 'rules.form.create' : 'common.save')}
              </Button>
            </div>
          </div>
        )}
      </form>
      <TryPanel
        tested={unknown && rule !== null ? { rule: rule.id, condition: null } : { condition: wanted, severity }}
        product={product}
        fixedProduct={rule?.tracking_id != null}
        ready={() => form.current?.reportValidity() ?? true}
        onProduct={choose}
        onProblem={setProblem}
      />
    </div>
  );
}

function Presets({ onChoose }: { onChoose: (preset: (typeof PRESETS)[number]) => void }) {
  const { t } = useTranslation();
  return (
    <div role="group" aria-label={t('rules.form.start')}>
      <p className="mb-1.5 text-sm font-medium">{t('rules.form.start')}</p>
      <div className="flex flex-wrap gap-1.5">
        {PRESETS.map((preset) => (
          <Button key={preset} size="small" onClick={() => onChoose(preset)}>
            {t(`rules.preset.${preset}`)}
          </Button>
        ))}
      </div>
    </div>
  );
}
