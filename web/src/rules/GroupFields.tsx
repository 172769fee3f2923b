import { Plus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../api/problem';
import { Button, IconButton } from '../ui/Button';
import { classes } from '../ui/classes';
import { Segments } from '../ui/Segments';
import { DEEPEST, type Draft, type GroupDraft, isGroup, newGroup, newTest } from './draft';
import { errorsAt, TestFields } from './TestFields';

/** A group of conditions and the groups in it. */
export function GroupFields({
  group,
  depth = 1,
  full,
  places,
  problem,
  currency,
  onChange,
  onRemove,
}: {
  group: GroupDraft;
  depth?: number;
  /** No more tests fit into the rule. */
  full: boolean;
  /** Where each test stands in what is sent. */
  places: ReadonlyMap<number, string>;
  problem: Problem | null;
  /** What amounts of new tests are in. */
  currency: string;
  onChange: (group: GroupDraft) => void;
  onRemove?: () => void;
}) {
  const { t } = useTranslation();
  const { members } = group;
  const put = (index: number, member: Draft) => onChange({ ...group, members: members.with(index, member) });
  const drop = (index: number) => onChange({ ...group, members: members.filter((_, at) => at !== index) });
  const add = (member: Draft) => onChange({ ...group, members: [...members, member] });
  return (
    <div className={classes('flex flex-col gap-3', depth > 1 && 'rounded-xl border border-dashed border-line-strong/60 p-3 sm:p-4')}>
      {(members.length > 1 || depth > 1) && (
        <div className="flex items-center justify-between gap-2">
          <Segments
            label={t('rules.form.mode')}
            value={group.mode}
            onChange={(mode) => onChange({ ...group, mode })}
            options={[
              { value: 'all', label: t('rules.form.all') },
              { value: 'any', label: t('rules.form.any') },
            ]}
          />
          {onRemove !== undefined && (
            <IconButton label={t('rules.form.removeGroup')} onClick={onRemove} className="size-9!">
              <X aria-hidden className="size-4" />
            </IconButton>
          )}
        </div>
      )}
      {members.map((member, index) =>
        isGroup(member) ? (
          <GroupFields
            key={member.key}
            group={member}
            depth={depth + 1}
            full={full}
            places={places}
            problem={problem}
            currency={currency}
            onChange={(next) => put(index, next)}
            onRemove={() => drop(index)}
          />
        ) : (
          <fieldset key={member.key} className="relative min-w-0 rounded-xl border border-line bg-surface p-3 sm:p-4">
            <legend className="sr-only">{t('rules.form.number', { number: index + 1 })}</legend>
            {(members.length > 1 || depth > 1) && (
              <IconButton
                label={t('rules.form.remove', { number: index + 1 })}
                onClick={() => (members.length > 1 ? drop(index) : onRemove?.())}
                className="absolute! top-1 right-1 size-9!"
              >
                <X aria-hidden className="size-4" />
              </IconButton>
            )}
            <TestFields
              draft={member}
              onChange={(part) => put(index, { ...member, ...part })}
              errorOf={errorsAt(problem, places.get(member.key))}
            />
          </fieldset>
        ),
      )}
      <div className="flex flex-wrap gap-2">
        <Button size="small" disabled={full} icon={<Plus aria-hidden className="size-4" />} onClick={() => add(newTest({ currency }))}>
          {t('rules.form.addTest')}
        </Button>
        {depth < DEEPEST - 1 && (
          <Button
            size="small"
            look="quiet"
            disabled={full}
            icon={<Plus aria-hidden className="size-4" />}
            onClick={() => add(newGroup([newTest({ currency })], group.mode === 'all' ? 'any' : 'all'))}
          >
            {t('rules.form.addGroup')}
          </Button>
        )}
      </div>
    </div>
  );
}
