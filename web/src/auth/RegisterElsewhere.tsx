import { useTranslation } from 'react-i18next';
import { registerAddress } from './base';

/** At a team's own host no team is made: where it is done. */
export function RegisterElsewhere({ base }: { base: string }) {
  const { t } = useTranslation();
  return (
    <p role="status" className="rounded-lg bg-cool-soft px-3 py-2.5 text-[0.8125rem] wrap-break-word text-cool">
      {t('door.registerElsewhere')}{' '}
      <a href={registerAddress(base)} className="font-semibold underline underline-offset-4">
        {base}
      </a>
    </p>
  );
}
