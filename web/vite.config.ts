import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// `npm run dev` serves the page itself and hands everything else to a running
// Bellwether, so that both come from one origin as in production.
const backend = process.env.BELLWETHER_URL ?? 'http://localhost:8080';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  server: { port: 5173, proxy: { '/api': backend, '/.well-known': backend } },
  build: {
    // Every asset is a file: data: URIs for fonts would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    target: 'es2022',
    // The chart library is one lazily loaded chunk; it is meant to be this large.
    chunkSizeWarningLimit: 700,
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
