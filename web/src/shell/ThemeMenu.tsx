import { Monitor, Moon, Sun } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useIsDark, useThemeChoice } from '../theme/hooks';
import { themeChoice } from '../theme/theme';
import { IconButton } from '../ui/Button';
import { Menu, MenuChoice } from '../ui/Menu';

export function ThemeMenu() {
  const { t } = useTranslation();
  const choice = useThemeChoice();
  const dark = useIsDark();
  const icon = 'size-4 text-muted';
  return (
    <Menu
      trigger={
        <IconButton label={t('shell.theme.label')}>
          {dark ? <Moon aria-hidden className="size-5" /> : <Sun aria-hidden className="size-5" />}
        </IconButton>
      }
    >
      <MenuChoice
        value={choice}
        onChange={themeChoice.set}
        options={[
          { value: 'system', label: t('shell.theme.system'), icon: <Monitor aria-hidden className={icon} /> },
          { value: 'light', label: t('shell.theme.light'), icon: <Sun aria-hidden className={icon} /> },
          { value: 'dark', label: t('shell.theme.dark'), icon: <Moon aria-hidden className={icon} /> },
        ]}
      />
    </Menu>
  );
}
