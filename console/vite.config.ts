import { defineConfig } from 'vite';

/** Files with hashed names, which browsers keep for ever; nothing stands in the page itself, as its policy wants. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
});
