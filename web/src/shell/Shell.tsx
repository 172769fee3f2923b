import { Bell, LayoutGrid, Plus, Radar, RotateCw, Store } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, NavLink, Outlet, ScrollRestoration } from 'react-router';
import { useUnseenAlerts } from '../alerts/unseen';
import { useProfile } from '../auth/useProfile';
import { LiveBadge } from '../events/LiveBadge';
import { Banners } from '../banners/Banners';
import { useLiveEvents } from '../events/useLiveEvents';
import { Button } from '../ui/Button';
import { classes } from '../ui/classes';
import { Logo } from '../ui/Logo';
import { Toasts } from '../ui/Toasts';
import { AccountMenu } from './AccountMenu';
import { Footer } from './Footer';
import { LanguageMenu } from './LanguageMenu';
import { ThemeMenu } from './ThemeMenu';

const TrackDialog = lazy(() => import('../track/TrackDialog'));

export interface ShellContext {
  /** Opens the dialog that starts tracking a product. */
  track: () => void;
}

/** Everything around the pages of a signed-in person. */
export function Shell() {
  const { t } = useTranslation();
  const [tracking, setTracking] = useState(false);
  const connection = useLiveEvents();
  const unseen = useUnseenAlerts();
  const { tenant } = useProfile();
  const track = () => setTracking(true);
  const bell = t('shell.alertsCount', { count: unseen });

  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#content"
        className="absolute top-2 left-2 z-60 -translate-y-20 rounded-lg bg-accent px-4 py-2 text-sm font-medium text-on-accent focus:translate-y-0"
      >
        {t('shell.skip')}
      </a>
      <header className="sticky top-0 z-30 border-b border-line bg-surface/90 backdrop-blur-md">
        <div className="mx-auto flex h-14 max-w-7xl items-center gap-2 px-4 sm:px-6">
          <Link to="/" className="flex items-center gap-2.5 rounded-lg pr-2 font-semibold tracking-tight">
            <Logo className="size-8" />
            <span className="max-[380px]:sr-only">Bellwether</span>
          </Link>
          {tenant !== null && (
            <span className="hidden max-w-44 truncate border-l border-line pl-3 text-sm text-muted sm:inline">
              {tenant}
            </span>
          )}
          <nav aria-label={t('shell.navigation')} className="ml-4 hidden items-center gap-1 md:flex">
            <TopLink to="/" end>
              {t('shell.products')}
            </TopLink>
            <TopLink to="/monitors">{t('shell.monitors')}</TopLink>
            <TopLink to="/crawls">{t('shell.crawls')}</TopLink>
            <TopLink to="/sources">{t('shell.sources')}</TopLink>
            <TopLink to="/alerts">{t('shell.alerts')}</TopLink>
          </nav>
          <div className="ml-auto flex items-center gap-0.5">
            <LiveBadge state={connection} />
            <Button
              look="primary"
              size="small"
              icon={<Plus aria-hidden className="size-4" />}
              onClick={track}
              className="mx-2 max-md:hidden"
            >
              {t('products.track')}
            </Button>
            <Link
              to="/alerts"
              aria-label={bell}
              title={bell}
              className="relative inline-flex size-10 items-center justify-center rounded-lg text-muted transition-colors hover:bg-sunken hover:text-ink max-md:hidden"
            >
              <Bell aria-hidden className="size-5" />
              <Count value={unseen} />
            </Link>
            <LanguageMenu />
            <ThemeMenu />
            <AccountMenu />
          </div>
        </div>
      </header>
      <Banners />

      <main id="content" tabIndex={-1} className="mx-auto w-full max-w-7xl grow px-4 py-6 outline-none sm:px-6 sm:py-8">
        <Outlet context={{ track } satisfies ShellContext} />
      </main>
      <Footer />

      <nav
        aria-label={t('shell.navigation')}
        className="sticky bottom-0 z-30 grid grid-cols-6 border-t border-line bg-surface/95 pb-[env(safe-area-inset-bottom)] backdrop-blur-md md:hidden"
      >
        <BottomLink to="/" end label={t('shell.products')} icon={<LayoutGrid aria-hidden className="size-5" />} />
        <BottomLink to="/monitors" label={t('shell.monitors')} icon={<Radar aria-hidden className="size-5" />} />
        <button
          type="button"
          onClick={track}
          className="flex h-14 min-w-0 flex-col items-center justify-center gap-0.5 text-[0.6875rem] font-medium text-accent"
        >
          <span className="flex size-7 items-center justify-center rounded-full bg-accent text-on-accent">
            <Plus aria-hidden className="size-4.5" />
          </span>
          {t('shell.trackShort')}
        </button>
        <BottomLink to="/crawls" label={t('shell.crawls')} icon={<RotateCw aria-hidden className="size-5" />} />
        <BottomLink to="/sources" label={t('shell.sources')} icon={<Store aria-hidden className="size-5" />} />
        <BottomLink
          to="/alerts"
          label={t('shell.alerts')}
          icon={
            <span className="relative">
              <Bell aria-hidden className="size-5" />
              <Count value={unseen} />
            </span>
          }
        />
      </nav>

      {tracking && (
        <Suspense>
          <TrackDialog onClose={() => setTracking(false)} />
        </Suspense>
      )}
      <Toasts />
      <ScrollRestoration />
    </div>
  );
}

function TopLink({ to, end = false, children }: { to: string; end?: boolean; children: string }) {
  return (
    <NavLink
      to={to}
      end={end}
      className={({ isActive }) =>
        classes(
          'rounded-lg px-3 py-1.5 text-sm font-medium transition-colors',
          isActive ? 'bg-sunken text-ink' : 'text-muted hover:text-ink',
        )
      }
    >
      {children}
    </NavLink>
  );
}

function BottomLink({ to, end = false, label, icon }: { to: string; end?: boolean; label: string; icon: React.ReactNode }) {
  return (
    <NavLink
      to={to}
      end={end}
      className={({ isActive }) =>
        classes(
          'flex h-14 min-w-0 flex-col items-center justify-center gap-1 text-[0.6875rem] font-medium',
          isActive ? 'text-ink' : 'text-muted',
        )
      }
    >
      {icon}
      {label}
    </NavLink>
  );
}

/** A counter on an icon's corner. The icon's own label says the number in words. */
function Count({ value }: { value: number }) {
  if (value === 0) return null;
  return (
    <span
      aria-hidden
      className="tabular absolute top-1 right-0.5 min-w-4.5 rounded-full bg-bad px-1 text-center text-[0.6875rem] leading-4.5 font-semibold text-surface max-md:-top-2 max-md:-right-3"
    >
      {value > 99 ? '99+' : value}
    </span>
  );
}
