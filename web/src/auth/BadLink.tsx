import { Link2Off } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useTitle } from '../ui/useTitle';
import { Done } from './Done';
import { Frame } from './Frame';

/** A link that is old, used, mistyped or cut off, and how to get a new one. */
export function BadLink({ hint, to, action }: { hint: ReactNode; to: string; action: string }) {
  const { t } = useTranslation();
  useTitle(t('door.badLink.title'));
  return (
    <Frame title={t('door.badLink.title')} subtitle={t('door.badLink.subtitle')} result>
      <Done icon={<Link2Off />} text={hint} to={to} action={action} />
    </Frame>
  );
}

/** Whether the server says that a link's secret is none, or none any more. */
export const isBadLink = (status: number): boolean => [401, 404, 409, 410].includes(status);
