import { Building2, ChartNoAxesColumn, Database, History, KeyRound, MonitorSmartphone, UserRound, UsersRound } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Outlet, useLocation, useMatch } from 'react-router';
import { useProfileQuery } from '../auth/useProfile';
import { useRights } from '../auth/useRights';
import { classes } from '../ui/classes';
import { useTitle } from '../ui/useTitle';

const PARTS = [
  { to: 'profile', icon: UserRound, group: 'you', for: 'all' },
  { to: 'sessions', icon: MonitorSmartphone, group: 'you', for: 'all' },
  { to: 'team', icon: Building2, group: 'team', for: 'all' },
  { to: 'members', icon: UsersRound, group: 'team', for: 'all' },
  { to: 'api-keys', icon: KeyRound, group: 'team', for: 'manage' },
  { to: 'plan', icon: ChartNoAxesColumn, group: 'team', for: 'all' },
  { to: 'audit-log', icon: History, group: 'team', for: 'manage' },
  { to: 'data', icon: Database, group: 'team', for: 'own' },
] as const;

/** The settings: what is the person's own and what is the team's, each on a page of its own. */
export function SettingsFrame() {
  const { t } = useTranslation();
  const rights = useRights();
  const { isPending } = useProfileQuery();
  const { pathname } = useLocation();
  const here = PARTS.find((part) => pathname === `/settings/${part.to}`);
  useTitle(here === undefined ? t('settings.title') : `${t(`settings.part.${here.to}`)} · ${t('settings.title')}`);
  // All at once, when it is known which: none moves the others.
  const parts = isPending ? [] : PARTS.filter((part) => part.for === 'all' || rights[part.for]);
  return (
    <>
      <h1 className="mb-5 text-2xl font-semibold tracking-tight">{t('settings.title')}</h1>
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[13rem_minmax(0,1fr)] lg:gap-8">
        <nav
          aria-label={t('settings.title')}
          className="-mx-4 flex gap-1 overflow-x-auto px-4 pb-1 sm:-mx-6 sm:px-6 lg:sticky lg:top-20 lg:mx-0 lg:flex-col lg:gap-5 lg:overflow-visible lg:px-0"
        >
          {(['you', 'team'] as const).map((group) => (
            <div key={group} role="group" aria-labelledby={`settings-${group}`} className="flex gap-1 lg:flex-col">
              <p id={`settings-${group}`} className="px-3 pb-1 text-xs font-medium text-muted max-lg:sr-only">
                {t(`settings.group.${group}`)}
              </p>
              {parts
                .filter((part) => part.group === group)
                .map((part) => (
                  <PartLink key={part.to} part={part} />
                ))}
            </div>
          ))}
        </nav>
        <div className="flex min-w-0 flex-col gap-4 lg:gap-6">
          <Outlet />
        </div>
      </div>
    </>
  );
}

function PartLink({ part: { to, icon: Icon } }: { part: (typeof PARTS)[number] }) {
  const { t } = useTranslation();
  const place = useRef<HTMLAnchorElement>(null);
  const open = useMatch(`/settings/${to}`) !== null;
  // On a phone the parts are a row to be swiped: the one that is open is brought into it.
  useEffect(() => {
    if (open) place.current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [open]);
  return (
    <Link
      ref={place}
      to={to}
      aria-current={open ? 'page' : undefined}
      className={classes(
        'flex h-9 shrink-0 items-center gap-2.5 rounded-lg px-3 text-sm font-medium whitespace-nowrap transition-colors',
        open ? 'bg-sunken text-ink' : 'text-muted hover:text-ink',
      )}
    >
      <Icon aria-hidden className="size-4 shrink-0" />
      {t(`settings.part.${to}`)}
    </Link>
  );
}
