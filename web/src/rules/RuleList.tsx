import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../api/problem';
import type { Rule } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { ConfirmDialog } from '../ui/Dialog';
import { toast } from '../ui/toasts';
import { useRuleChanges } from './queries';
import { RuleRow } from './RuleRow';
import { useRuleText } from './useRuleText';

/** Rules with what can be done to them. */
export function RuleList({ rules, withScope = true, className }: { rules: readonly Rule[]; withScope?: boolean; className?: string }) {
  const { t } = useTranslation();
  const text = useRuleText();
  const problemText = useProblemText();
  const { change, remove } = useRuleChanges();
  const [doomed, setDoomed] = useState<Rule | null>(null);
  const toggle = (rule: Rule, enabled: boolean) =>
    change.mutate(
      { id: rule.id, body: { enabled } },
      { onError: (error) => toast({ title: t('rules.failed'), body: problemText(asProblem(error)).advice }) },
    );
  return (
    <>
      <ul className={className}>
        {rules.map((rule) => (
          <RuleRow
            key={rule.id}
            rule={rule}
            withScope={withScope}
            busy={change.isPending && change.variables.id === rule.id}
            onToggle={(enabled) => toggle(rule, enabled)}
            onDelete={() => {
              remove.reset();
              setDoomed(rule);
            }}
          />
        ))}
      </ul>
      <ConfirmDialog
        open={doomed !== null}
        onOpenChange={(open) => !open && setDoomed(null)}
        title={t('rules.deleteTitle')}
        description={t('rules.deleteBody', { name: doomed === null ? '' : (doomed.name ?? text.ofRule(doomed)) })}
        confirm={t('common.delete')}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() =>
          doomed !== null &&
          remove.mutate(doomed.id, {
            onSuccess: () => {
              setDoomed(null);
              toast({ title: t('rules.deleted') });
            },
          })
        }
      />
    </>
  );
}
