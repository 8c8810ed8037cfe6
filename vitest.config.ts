import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

/** `module` names code for bundlers, which Node cannot load; Vitest leaves it out of its own defaults as well. */
const forNode = (conditions: readonly string[]) => conditions.filter((condition) => condition !== 'module');

export default defineConfig({
  // Workspaces are tested from their sources: no build stands between a change and its test.
  resolve: { conditions: ['source', ...forNode(defaultClientConditions)] },
  ssr: { resolve: { conditions: ['source', ...forNode(defaultServerConditions)] } },
  test: {
    // `.test.ts` is pure, `.int.test.ts` has real servers, `.e2e.test.ts` the whole stack.
    include: ['{libs,ecosystems,services,deploy,cli,e2e,chaos,bench}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.live.test.ts'],
    globalSetup: ['libs/testkit/src/global-setup.ts'],
    pool: 'forks',
    // A fork beside a Postgres and a nats-server keeps one core busy.
    maxWorkers: 2,
    // Real servers on a busy machine: generous, and only ever waited for when something is wrong.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
  },
});
