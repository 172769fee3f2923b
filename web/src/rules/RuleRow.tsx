import { EllipsisVertical, Eye, Pencil, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import type { Rule } from '../api/types';
import { useRights } from '../auth/useRights';
import { Badge } from '../ui/Badge';
import { IconButton } from '../ui/Button';
import { classes } from '../ui/classes';
import { Menu, MenuItem, MenuSeparator } from '../ui/Menu';
import { Switch } from '../ui/Switch';
import { readCondition, testsOf } from './condition';
import { useTracked } from './queries';
import { isSeverity } from './severity';
import { useRuleText } from './useRuleText';

/** One rule: what it says in plain words, for what, and whether it is on. */
export function RuleRow({
  rule,
  withScope = true,
  busy,
  onToggle,
  onDelete,
}: {
  rule: Rule;
  withScope?: boolean;
  busy: boolean;
  onToggle: (enabled: boolean) => void;
  onDelete: () => void;
}) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const text = useRuleText();
  const { write } = useRights();
  const says = text.ofRule(rule);
  const condition = readCondition(rule.condition);
  const details = condition === null ? [] : [...new Set(testsOf(condition).flatMap(text.details))];
  const name = rule.name ?? says;
  const address = `/alerts/rules/${rule.id}`;
  return (
    <li className="flex items-start gap-3 px-4 py-4 sm:px-5">
      <div className={classes('min-w-0 grow', !rule.enabled && 'text-muted')}>
        <Link to={address} className="text-sm font-semibold wrap-break-word underline-offset-4 hover:underline">
          {name}
        </Link>
        {rule.name != null && <p className="mt-0.5 text-sm text-pretty">{says}</p>}
        {details.length > 0 && <p className="mt-0.5 text-[0.8125rem] text-muted">{details.join(t('common.comma'))}</p>}
        <p className="mt-1.5 flex flex-wrap items-center gap-1.5">
          {withScope && <Scope rule={rule} />}
          {rule.severity !== 'by_size' && isSeverity(rule.severity) && (
            <Badge tone={rule.severity === 'critical' ? 'warn' : 'plain'}>{t(`rules.severity.${rule.severity}`)}</Badge>
          )}
        </p>
      </div>
      <span className="flex shrink-0 items-center gap-2">
        <Switch
          label={t('rules.toggle', { name })}
          on={rule.enabled}
          onText={t('rules.on')}
          offText={t('rules.off')}
          disabled={!write || busy}
          onChange={onToggle}
        />
        <Menu
          trigger={
            <IconButton label={t('rules.actions', { name })} className="-my-1 -mr-2">
              <EllipsisVertical aria-hidden className="size-5" />
            </IconButton>
          }
        >
          <MenuItem
            icon={write ? <Pencil aria-hidden className="size-4 text-muted" /> : <Eye aria-hidden className="size-4 text-muted" />}
            onSelect={() => void navigate(address)}
          >
            {t(write ? 'rules.edit' : 'rules.view')}
          </MenuItem>
          {write && (
            <>
              <MenuSeparator />
              <MenuItem icon={<Trash2 aria-hidden className="size-4 text-bad" />} onSelect={onDelete}>
                {t('common.delete')}
              </MenuItem>
            </>
          )}
        </Menu>
      </span>
    </li>
  );
}

/** For which products a rule is. */
export function Scope({ rule }: { rule: Pick<Rule, 'tracking_id' | 'tag'> }) {
  const { t } = useTranslation();
  const tracked = useTracked(rule.tracking_id ?? null);
  if (rule.tag != null) return <Badge tone="accent">{t('rules.scope.tagged', { tag: rule.tag })}</Badge>;
  if (rule.tracking_id == null) return <Badge>{t('rules.scope.everything')}</Badge>;
  const product = tracked.data;
  return product === undefined ? (
    <Badge tone="cool">{t('rules.scope.oneProduct')}</Badge>
  ) : (
    <Link to={`/products/${product.id}`} className="max-w-full min-w-0 rounded-full hover:underline" title={product.title ?? undefined}>
      <Badge tone="cool">
        <span className="max-w-64 truncate">{product.title ?? product.external_id}</span>
      </Badge>
    </Link>
  );
}
