// How the dashboard is built: hash-named files only, nothing inlined, so that the page's policy can forbid everything inline.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const server = process.env['BAND_SERVER'] ?? 'http://127.0.0.1:7777';

export default defineConfig({
  plugins: [svelte()],
  build: { outDir: 'built/page', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2022', chunkSizeWarningLimit: 700 },
  test: { include: ['src/**/*.test.ts'] },
  // `npm run dev` speaks with a running `band serve`.
  server: { proxy: { '/api': server, '/metrics': server } },
});
