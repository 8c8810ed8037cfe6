import { createWriteStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { serveJobs } from '../../dist/serve-jobs.js';

/** Does nothing for as many milliseconds as the job says. */
await serveJobs(process.stdin, createWriteStream('', { fd: 3 }), async (source) => {
  let text = '';
  for await (const chunk of source) text += Buffer.from(chunk).toString();
  await delay(Number(text));
  return { waitedMs: Number(text) };
});
