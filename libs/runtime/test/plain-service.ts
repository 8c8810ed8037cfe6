import { once } from 'node:events';
import { defineService, runService } from '@sluice/runtime';
import { z } from 'zod';

/** A service that does nothing but hold the event loop; run as a process by the tests of `runService`. */
await runService(
  defineService({
    name: 'plain',
    config: z.object({ FAIL: z.string().optional(), STARTS_AFTER_SIGNAL: z.string().optional() }),
    start: async ({ config, health, onStop }) => {
      const busy = setInterval(() => {}, 1_000);
      onStop('interval', () => {
        clearInterval(busy);
        process.stdout.write('closed\n');
      });
      if (config.FAIL) throw new Error(config.FAIL);
      health.add('itself', () => ({ ok: true }));
      process.stdout.write('starting\n');
      if (config.STARTS_AFTER_SIGNAL) await once(process, 'SIGTERM');
      process.stdout.write('started\n');
    },
  }),
);
