import { defineConfig } from 'vitest/config';
import general from './vitest.config.ts';

/** Tests against real registries, which `npm test` leaves out: `npm run test:live`. */
export default defineConfig({
  ...general,
  test: { ...general.test, include: ['e2e/**/*.live.test.ts'], exclude: ['**/node_modules/**'] },
});
