import { createWriteStream } from 'node:fs';
import { serveJobs } from '../../dist/serve-jobs.js';

/** Fills the heap, or buffers outside of it, as the job says. */
await serveJobs(process.stdin, createWriteStream('', { fd: 3 }), async (source) => {
  let kind = '';
  for await (const chunk of source) kind += Buffer.from(chunk).toString();
  const kept = [];
  for (;;) kept.push(kind === 'heap' ? Array.from({ length: 1e5 }, Math.random) : Buffer.alloc(1e6, 1));
});
