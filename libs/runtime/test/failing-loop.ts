import { setTimeout as delay } from 'node:timers/promises';
import { armFailpoints, failpoint } from '../src/failpoint.ts';

/** Passes two failpoints in turn and says so, until it has done it a thousand times. */
armFailpoints('loop', process.env);
for (let round = 1; round <= 1_000; round += 1) {
  failpoint('first');
  process.stdout.write(`first ${round}\n`);
  failpoint('second');
  process.stdout.write(`second ${round}\n`);
  await delay(10);
}
