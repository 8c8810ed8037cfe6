import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import postgres from 'postgres';
import { stages, submit, work } from './chain.mjs';

/** One process of a peer: `main.mjs <peer> api <port>` or `main.mjs <peer> <stage>`. Says `ready` when it is. */
const [, , peer, role, port] = process.argv;
const { openQueue, startWorker } = await import(`./${peer}.mjs`);
const sql = postgres(process.env.DATABASE_URL, { max: 10, onnotice: () => {} });
const concurrency = Number(process.env.CONCURRENCY);

if (role === 'api') await serve();
else await consume();
process.stdout.write('ready\n');
process.once('SIGTERM', () => process.exit(0));

async function serve() {
  const first = await openQueue(stages[0]);
  const server = createServer((request, response) => {
    accept(request, first).then(
      (id) => response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify({ id })),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise((resolve) => server.listen(Number(port), '127.0.0.1', resolve));
}

async function accept(request, first) {
  const { packages } = await json(request);
  const purls = Object.entries(packages).flatMap(([path, { version }]) =>
    path === '' ? [] : [`pkg:npm/${path.replace('node_modules/', '')}@${version}`],
  );
  const id = randomUUID();
  await submit(sql, id, purls);
  await first.add(purls.map((purl) => ({ purl })));
  return id;
}

async function consume() {
  const next = stages[stages.indexOf(role) + 1];
  const queue = next && (await openQueue(next));
  await startWorker(role, concurrency, async (jobs) => {
    const done = await work(sql, role, jobs);
    if (done.length > 0) await queue.add(done);
  });
}
