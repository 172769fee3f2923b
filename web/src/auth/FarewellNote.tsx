import { useTranslation } from 'react-i18next';
import { Refusal } from './Refusal';
import { useFarewell } from './useSession';

/** Why the last session ended, if nobody here ended it. */
export function FarewellNote() {
  const { t } = useTranslation();
  const farewell = useFarewell();
  if (farewell === null) return null;
  return (
    <p role="status" className="mb-5 rounded-lg bg-warn-soft px-3 py-2.5 text-[0.8125rem] text-warn">
      {farewell.problem !== null ? <Refusal problem={farewell.problem} /> : t(farewell.noCookies ? 'door.noCookies' : 'door.farewell')}
    </p>
  );
}
