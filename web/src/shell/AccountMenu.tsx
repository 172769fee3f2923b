import { CircleUserRound, LogOut, Settings } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { signOut } from '../auth/actions';
import { useProfile } from '../auth/useProfile';
import { useColourSense } from '../theme/hooks';
import { COLOUR_SENSES, colourSense } from '../theme/theme';
import { IconButton } from '../ui/Button';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from '../ui/Menu';

export function AccountMenu() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { email, tenant } = useProfile();
  const sense = useColourSense();
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
      <MenuLabel>{t('shell.colours.label')}</MenuLabel>
      <MenuChoice
        value={sense}
        onChange={colourSense.set}
        options={COLOUR_SENSES.map((value) => ({ value, label: t(`shell.colours.${value}`) }))}
      />
      <MenuSeparator />
      <MenuItem icon={<Settings aria-hidden className="size-4 text-muted" />} onSelect={() => void navigate('/settings')}>
        {t('settings.title')}
      </MenuItem>
      <MenuItem icon={<LogOut aria-hidden className="size-4 text-muted" />} onSelect={signOut}>
        {t('shell.signOut')}
      </MenuItem>
    </Menu>
  );
}
