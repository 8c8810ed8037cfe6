import { createWriteStream } from 'node:fs';
import { serveJobs } from '../../dist/serve-jobs.js';

await serveJobs(process.stdin, createWriteStream('', { fd: 3 }), async () => {
  for (;;);
});
