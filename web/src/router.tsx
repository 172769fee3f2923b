import { createBrowserRouter, Navigate, Outlet, useLocation } from 'react-router';
import { Alerts } from './alerts/Alerts';
import { Register } from './auth/Register';
import { SignIn } from './auth/SignIn';
import { useSessionId } from './auth/useSession';
import { Products } from './products/Products';
import { Crash } from './shell/Crash';
import { NotFound } from './shell/NotFound';
import { Shell } from './shell/Shell';

/** Pages for signed-in people; others are sent to sign in and come back afterwards. */
function Members() {
  const location = useLocation();
  const id = useSessionId();
  if (id === null) {
    return <Navigate to="/sign-in" replace state={{ from: location.pathname + location.search }} />;
  }
  // Another sign-in is another team or person: nothing on the screen is theirs.
  return <Shell key={id} />;
}

/** Pages for people who are not signed in yet. */
function Guests() {
  const location = useLocation();
  if (useSessionId() !== null) {
    const { from } = (location.state ?? {}) as { from?: string };
    return <Navigate to={from ?? '/'} replace />;
  }
  return <Outlet />;
}

export const router = createBrowserRouter([
  {
    errorElement: <Crash />,
    // While the first page's code is fetched: the bare ground, for it takes a moment only.
    hydrateFallbackElement: <></>,
    children: [
      {
        element: <Guests />,
        children: [
          { path: '/sign-in', element: <SignIn /> },
          { path: '/register', element: <Register /> },
        ],
      },
      // Links from mails and from other teams' addresses, whoever is signed in; and what an old one leads to.
      {
        path: '/forgot-password',
        lazy: async () => ({ Component: (await import('./auth/ForgotPassword')).ForgotPassword }),
      },
      {
        path: '/reset-password',
        lazy: async () => ({ Component: (await import('./auth/ResetPassword')).ResetPassword }),
      },
      {
        path: '/verify-email',
        lazy: async () => ({ Component: (await import('./auth/VerifyEmail')).VerifyEmail }),
      },
      {
        path: '/invitation',
        lazy: async () => ({ Component: (await import('./auth/Invitation')).Invitation }),
      },
      {
        path: '/handoff',
        lazy: async () => ({ Component: (await import('./auth/Handoff')).Handoff }),
      },
      {
        element: <Members />,
        children: [
          { index: true, element: <Products /> },
          { path: '/alerts', element: <Alerts /> },
          {
            path: '/alerts/rules',
            lazy: async () => ({ Component: (await import('./rules/Rules')).Rules }),
          },
          {
            path: '/alerts/rules/:id',
            lazy: async () => ({ Component: (await import('./rules/RulePage')).RulePage }),
          },
          {
            path: '/monitors',
            lazy: async () => ({ Component: (await import('./monitors/Monitors')).Monitors }),
          },
          { path: '/scheduler', element: <Navigate to="/monitors?tab=scheduler" replace /> },
          {
            path: '/compare',
            lazy: async () => ({ Component: (await import('./compare/Compare')).Compare }),
          },
          {
            path: '/crawls',
            lazy: async () => ({ Component: (await import('./crawls/Crawls')).Crawls }),
          },
          {
            path: '/crawls/:id',
            lazy: async () => ({ Component: (await import('./crawls/CrawlPage')).CrawlPage }),
          },
          {
            path: '/sources',
            lazy: async () => ({ Component: (await import('./sources/Sources')).Sources }),
          },
          {
            path: '/settings',
            lazy: async () => ({ Component: (await import('./settings/SettingsFrame')).SettingsFrame }),
            children: [
              { index: true, element: <Navigate to="/settings/profile" replace /> },
              {
                path: 'profile',
                lazy: async () => ({ Component: (await import('./settings/profile/ProfilePage')).ProfilePage }),
              },
              {
                path: 'sessions',
                lazy: async () => ({ Component: (await import('./settings/sessions/SessionsPage')).SessionsPage }),
              },
              {
                path: 'team',
                lazy: async () => ({ Component: (await import('./settings/team/TeamPage')).TeamPage }),
              },
              {
                path: 'members',
                lazy: async () => ({ Component: (await import('./settings/members/MembersPage')).MembersPage }),
              },
              {
                path: 'api-keys',
                lazy: async () => ({ Component: (await import('./settings/apiKeys/ApiKeysPage')).ApiKeysPage }),
              },
              {
                path: 'plan',
                lazy: async () => ({ Component: (await import('./settings/plan/PlanPage')).PlanPage }),
              },
              {
                path: 'data',
                lazy: async () => ({ Component: (await import('./settings/data/DataPage')).DataPage }),
              },
              {
                path: 'audit-log',
                lazy: async () => ({ Component: (await import('./settings/audit/AuditPage')).AuditPage }),
              },
            ],
          },
          {
            path: '/sync-log',
            lazy: async () => ({ Component: (await import('./sync/SyncLogs')).SyncLogs }),
          },
          {
            path: '/products/:id',
            lazy: async () => ({ Component: (await import('./product/ProductPage')).ProductPage }),
          },
          { path: '*', element: <NotFound /> },
        ],
      },
    ],
  },
]);
