import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router';
import { queryClient } from './api/query';
import { finishSignOut, followSession } from './auth/actions';
import { startI18n } from './i18n';
import './index.css';
import { router } from './router';
import { startTheme } from './theme/theme';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

startTheme();
followSession();
finishSignOut();
await startI18n();
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
