import { Languages } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { chooseLanguage } from '../i18n';
import { DEFAULT_LANGUAGE, isLanguage, type Language, LANGUAGES } from '../i18n/languages';
import { IconButton } from '../ui/Button';
import { Menu, MenuChoice } from '../ui/Menu';

const OPTIONS = (Object.keys(LANGUAGES) as Language[]).map((value) => ({
  value,
  label: LANGUAGES[value],
  lang: value,
}));

export function LanguageMenu() {
  const { t, i18n } = useTranslation();
  return (
    <Menu
      trigger={
        <IconButton label={t('shell.language')}>
          <Languages aria-hidden className="size-5" />
        </IconButton>
      }
    >
      <MenuChoice
        value={isLanguage(i18n.language) ? i18n.language : DEFAULT_LANGUAGE}
        options={OPTIONS}
        onChange={(language) => void chooseLanguage(language)}
      />
    </Menu>
  );
}
