import { createBrowserRouter, Navigate, Outlet, useLocation } from 'react-router';
import { Alerts } from './alerts/Alerts';
import { Register } from './auth/Register';
import { SignIn } from './auth/SignIn';
import { useSignedIn } from './auth/useSession';
import { Products } from './products/Products';
import { Crash } from './shell/Crash';
import { NotFound } from './shell/NotFound';
import { Shell } from './shell/Shell';

/** Pages for signed-in people; others are sent to sign in and come back afterwards. */
function Members() {
  const location = useLocation();
  if (!useSignedIn()) {
    return <Navigate to="/sign-in" replace state={{ from: location.pathname + location.search }} />;
  }
  return <Shell />;
}

/** Pages for people who are not signed in yet. */
function Guests() {
  const location = useLocation();
  if (useSignedIn()) {
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
            lazy: async () => ({ Component: (await import('./settings/Settings')).Settings }),
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
