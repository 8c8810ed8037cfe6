import { createWriteStream } from 'node:fs';
import { serveJobs } from '../../dist/serve-jobs.js';

/** Uses as many milliseconds of the processor as the job says, or more when it is short: then it waits to be ended. */
await serveJobs(process.stdin, createWriteStream('', { fd: 3 }), async (source) => {
  let text = '';
  for await (const chunk of source) text += Buffer.from(chunk).toString();
  const usedMs = Number(text);
  const started = process.cpuUsage();
  const isOver = () => {
    const { user, system } = process.cpuUsage(started);
    return user + system >= usedMs * 1_000;
  };
  while (!isOver());
  // A limit that was passed is seen within a quarter of a second.
  if (text.length < 10) await new Promise(() => setInterval(() => {}, 1_000));
  return { usedMs };
});
