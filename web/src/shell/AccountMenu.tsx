import { CircleUserRound, LogOut, Settings } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { signOut } from '../auth/actions';
import { useProfile } from '../auth/useProfile';
import { useColourChoice } from '../theme/hooks';
import { COLOUR_CHOICES, colourChoice } from '../theme/theme';
import { IconButton } from '../ui/Button';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from '../ui/Menu';
import { useMemberships, useSwitch } from './useMemberships';

export function AccountMenu() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { email, tenant, slug } = useProfile();
  const choice = useColourChoice();
  const memberships = useMemberships();
  const change = useSwitch();
  const current = memberships.find((each) => each.current)?.slug ?? slug ?? '';
  return (
    <Menu
      trigger={
        <IconButton label={t('shell.account')}>
          <CircleUserRound aria-hidden className="size-5" />
        </IconButton>
      }
    >
      {(tenant !== null || email !== null) && (
        <>
          <div className="max-w-64 px-2.5 pt-1.5 pb-1">
            {tenant !== null && <p className="truncate text-sm font-semibold">{tenant}</p>}
            {email !== null && <p className="truncate text-xs text-muted">{email}</p>}
          </div>
          <MenuSeparator />
        </>
      )}
      {memberships.length > 1 && (
        <>
          <MenuLabel>{t('shell.teams')}</MenuLabel>
          <MenuChoice
            value={current}
            onChange={(wanted) => {
              if (wanted !== current && !change.isPending) change.mutate(wanted);
            }}
            options={memberships.map((each) => ({
              value: each.slug,
              label: each.status === 'active' ? each.name : t(each.status === 'suspended' ? 'shell.teamInactive' : 'shell.teamDeleting', { name: each.name }),
            }))}
          />
          <MenuSeparator />
        </>
      )}
      <MenuLabel>{t('shell.colours.label')}</MenuLabel>
      <MenuChoice
        value={choice}
        onChange={colourChoice.set}
        options={COLOUR_CHOICES.map((value) => ({ value, label: t(`shell.colours.${value}`) }))}
      />
      <MenuSeparator />
      <MenuItem icon={<Settings aria-hidden className="size-4 text-muted" />} onSelect={() => void navigate('/settings/profile')}>
        {t('settings.title')}
      </MenuItem>
      <MenuItem icon={<LogOut aria-hidden className="size-4 text-muted" />} onSelect={signOut}>
        {t('shell.signOut')}
      </MenuItem>
    </Menu>
  );
}
