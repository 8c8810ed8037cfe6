import { createWriteStream } from 'node:fs';
import { serveJobs } from '../../dist/serve-jobs.js';

const bytesMax = 100_000;
let job = 0;

/** Counts bytes and jobs, and stops reading at an input that is too long. */
await serveJobs(process.stdin, createWriteStream('', { fd: 3 }), async (source) => {
  job += 1;
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > bytesMax) return { job, bytes: 'too many' };
  }
  return { job, bytes };
});
