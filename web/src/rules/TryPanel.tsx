import { FlaskConical, Info } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem, type Problem } from '../api/problem';
import type { Product, Rule, TrialAnswer } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { useFormat } from '../format/useFormat';
import { Button } from '../ui/Button';
import { FieldError } from '../ui/Field';
import { SelectField } from '../ui/SelectField';
import type { Condition } from './condition';
import { FiringTable } from './FiringTable';
import { ProductPicker } from './ProductPicker';
import { useTrial } from './queries';
import type { Severity } from './severity';
import { ofRule } from './TestFields';
import { TryChart } from './TryChart';

const DAY = 86_400_000;
const SPANS = [30, 90, 180, 366] as const;

/** What is tested: a rule that is kept, or one as it stands in the form. */
export type Tested = { rule: Rule['id']; condition: Condition | null } | { condition: Condition; severity: Severity };

/** Shows where a rule would have fired: how often, on the product's chart, and one by one. */
export function TryPanel({
  tested,
  product,
  fixedProduct,
  ready,
  onProduct,
  onProblem,
}: {
  tested: Tested;
  product: Product | null;
  fixedProduct: boolean;
  /** Whether the form says something that can be tested; says itself what is missing. */
  ready: () => boolean;
  onProduct: (product: Product | null) => void;
  /** What the server refused of the rule, for the form to show at its fields. */
  onProblem: (problem: Problem | null) => void;
}) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [days, setDays] = useState<number>(90);
  // The rule that the answer is about.
  const [of, setOf] = useState<{ said: string; condition: Condition | null; product: Product } | null>(null);
  const trial = useTrial();
  const said = JSON.stringify(tested);
  const problem = trial.error === null ? null : asProblem(trial.error);
  // What is wrong with the rule is told at its fields; the rest here.
  const own = problem?.errors.filter(({ field }) => !ofRule(field)) ?? [];
  const answer = trial.data;
  const stale = of !== null && (of.said !== said || of.product.id !== product?.id);

  const run = () => {
    if (product === null || !ready()) return;
    const to = new Date();
    setOf({ said, condition: tested.condition, product });
    onProblem(null);
    trial.mutate(
      {
        ...('rule' in tested ? { rule_id: tested.rule } : { rule: { condition: tested.condition, severity: tested.severity } }),
        product_id: product.id,
        from: new Date(to.getTime() - days * DAY).toISOString(),
        to: to.toISOString(),
      },
      {
        onError: (error) => {
          const refused = asProblem(error);
          onProblem(refused.errors.some(({ field }) => ofRule(field)) ? refused : null);
        },
      },
    );
  };

  return (
    <section aria-labelledby="try" className="rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-6">
      <h2 id="try" className="text-base font-semibold">
        {t('rules.try.title')}
      </h2>
      <p className="mt-1 mb-4 text-sm text-pretty text-muted">{t('rules.try.body')}</p>
      <div className="flex flex-col gap-4">
        <ProductPicker label={t('rules.try.product')} product={product} fixed={fixedProduct} onChange={onProduct} />
        <div className="flex flex-wrap items-end gap-3">
          <SelectField
            label={t('rules.try.days')}
            className="w-36"
            value={String(days)}
            onChange={(event) => setDays(Number(event.target.value))}
            options={SPANS.map((span) => ({ value: String(span), label: t('rules.try.lastDays', { days: span }) }))}
          />
          <Button
            busy={trial.isPending}
            disabled={product === null}
            icon={<FlaskConical aria-hidden className="size-4" />}
            onClick={run}
          >
            {t('rules.try.run')}
          </Button>
        </div>
        {product === null && <p className="text-[0.8125rem] text-muted">{t('rules.try.choose')}</p>}
        {problem !== null && !stale && problem.errors.length === 0 && <FieldError>{problemText(problem).advice}</FieldError>}
        {problem !== null && !stale && own.map(({ field, message }) => <FieldError key={field}>{message}</FieldError>)}
      </div>
      <div aria-live="polite">
        {answer !== undefined && of !== null && !trial.isPending && (
          <Answer answer={answer} condition={of.condition} product={of.product} stale={stale} />
        )}
      </div>
    </section>
  );
}

function Answer({
  answer,
  condition,
  product,
  stale,
}: {
  answer: TrialAnswer;
  condition: Condition | null;
  product: Product;
  stale: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const days = Math.round((Date.parse(answer.to) - Date.parse(answer.from)) / DAY);
  return (
    <div className="mt-5 border-t border-line pt-5">
      <p className="text-sm">
        <span className="text-base font-semibold">
          {answer.count === 0
            ? t('rules.try.never', { days })
            : t('rules.try.count', { count: answer.count, shown: format.number(answer.count), days })}
        </span>{' '}
        <span className="text-muted">{t('rules.try.looks', { count: answer.looks, shown: format.number(answer.looks) })}</span>
      </p>
      {stale && <p className="mt-2 rounded-lg bg-warn-soft px-3 py-2 text-[0.8125rem] text-warn">{t('rules.try.stale')}</p>}
      {answer.limited_to != null && (
        <p className="mt-2 text-[0.8125rem] text-muted">{t('rules.try.limited', { date: format.date(answer.limited_to) })}</p>
      )}
      {!answer.history.enough && (
        <p className="mt-2 flex items-start gap-2 rounded-lg bg-sunken px-3 py-2 text-[0.8125rem] text-muted">
          <Info aria-hidden className="mt-px size-4 shrink-0" />
          <span>
            {t('rules.try.short')}
            {answer.history.note != null && answer.history.note !== '' && <span className="block">{answer.history.note}</span>}
          </span>
        </p>
      )}
      <TryChart answer={answer} condition={condition} product={product} />
      {answer.fired.length > 0 && <FiringTable answer={answer} />}
    </div>
  );
}
