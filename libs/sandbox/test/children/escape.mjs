import { createWriteStream } from 'node:fs';
import { disableNetwork } from '../../dist/disable-network.js';
import { serveJobs } from '../../dist/serve-jobs.js';

disableNetwork();

/** Tries each way out and tells how it ended. The job is JSON: `{port, file, secret}`. */
const attempts = {
  connect: async ({ port }) => (await import('node:net')).connect(port, '127.0.0.1'),
  socket: async ({ port }) => new (await import('node:net')).Socket().connect(port, '127.0.0.1'),
  fetch: async ({ port }) => fetch(`http://127.0.0.1:${port}/`),
  http: async ({ port }) => (await import('node:http')).get(`http://127.0.0.1:${port}/`),
  udp: async () => (await import('node:dgram')).createSocket('udp4'),
  dns: async () => (await import('node:dns')).promises.resolve('registry.example'),
  listen: async () => (await import('node:net')).createServer(),
  binding: async () => process.binding('tcp_wrap'),
  spawn: async () => (await import('node:child_process')).spawn('true'),
  worker: async () => new (await import('node:worker_threads')).Worker('0', { eval: true }),
  write: async ({ file }) => (await import('node:fs')).writeFileSync(file, 'x'),
  read: async ({ secret }) => (await import('node:fs')).readFileSync(secret),
  environment: async () => {
    if (Object.keys(process.env).every((name) => name === 'PATH'))
      throw Object.assign(new Error(), { code: 'EMPTY' });
  },
};

await serveJobs(process.stdin, createWriteStream('', { fd: 3 }), async (source) => {
  let job = '';
  for await (const chunk of source) job += Buffer.from(chunk).toString();
  const outcomes = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    outcomes[name] = await attempt(JSON.parse(job)).then(
      () => 'escaped',
      (error) => error.code,
    );
  }
  return outcomes;
});
