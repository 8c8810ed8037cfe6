import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '@sluice/cli';
import { parseSafeYaml } from '@sluice/intake';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { anItem, aPackage, aPage, aRequest } from '../cli/test/answers.ts';
import { zipOf } from '@sluice/testkit';
import { testGateway } from '../services/gateway/test/gateway-kit.ts';

/** The examples of README.md and docs/ci.md run. */
const root = fileURLToPath(new URL('../', import.meta.url));
const read = (file: string) => readFile(path.join(root, file), 'utf8');
const blocksOf = (text: string) =>
  [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language, block]) => ({
    language: language!,
    block: block!,
  }));
const readme = await read('README.md');
const ci = await read('docs/ci.md');
/** Commands in blocks, and those in running text. */
const commandsIn = (text: string) => [
  ...blocksOf(text).flatMap(({ block }) => block.replaceAll(/\\\n\s*/g, ' ').split('\n')),
  ...[...text.matchAll(/`(npm run [^`]+)`/g)].map(([, command]) => command!),
];
const commands = [
  ...new Set(commandsIn(readme).filter((line) => /^(?:npm(?! error)|curl|docker|cp) /.test(line))),
];

/** Commands that set a machine up, each with the test that does the same. */
const elsewhere: Record<string, string> = {
  'npm start': 'e2e/split-stack.e2e.test.ts starts the stack',
  'npm test': 'this runs in it',
  'npm run sluice -- advisories import path/to/npm.zip':
    'needs Postgres of its own: services/scanner tests the import',
  'cp .env.example .env      # then set NPM_REGISTRY_URL and POSTGRES_PASSWORD':
    'e2e/documents.int.test.ts compares both',
  'docker compose up --build': 'needs Docker; deploy tests compare the files',
  'npm run --silent sluice -- setup nats --keys secrets/nats > secrets/users.conf':
    'cli/src/commands/setup.e2e.test.ts has nats-server read it',
  'npm run --silent sluice -- setup postgres --passwords secrets/database --url postgres://postgres:5432/sluice > secrets/setup.sql':
    'cli/src/commands/setup.e2e.test.ts has Postgres run it',
  'npm run --silent sluice -- gate config > path/to/project/.npmrc':
    'e2e/gate.e2e.test.ts installs with what it prints',
  'cd path/to/project && npm install': 'e2e/gate.e2e.test.ts',
  'npm run build': 'the tests are built by it',
};
const isMeasurement = (command: string) => /^npm run (?:bench|chaos)\b/.test(command);

const { app } = await testGateway();
let url: string;
let folder: string;
const server = createServer((message, response) => {
  const { pathname } = new URL(message.url!, 'http://a.example');
  const item = anItem();
  const page = { deadLetters: { dlq: 0, parked: 0 }, bulk: null, circuits: [], controls: [], ...aPage() };
  const answer = /\/(?:stages|hosts|workers)\//.test(pathname)
    ? { changed: true, control: null, worker: null }
    : pathname.endsWith('/items')
      ? aPage(item)
      : /^\/v1\/requests\/./.test(pathname)
        ? aRequest()
        : message.method === 'POST'
          ? { id: aRequest().id, itemCount: 1, entryCount: 1, repeated: false }
          : pathname.startsWith('/v1/packages/')
            ? aPackage()
            : page;
  message.resume().on('end', () => response.end(JSON.stringify(answer)));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-examples-'));
  await mkdir(path.join(folder, 'path/to'), { recursive: true });
  for (const name of ['package-lock.json', 'path/to/package-lock.json'])
    await writeFile(path.join(folder, name), '{"lockfileVersion":3,"packages":{}}');
  const zip = zipOf({ 'package-lock.json': '{"lockfileVersion":3,"packages":{}}' });
  await writeFile(path.join(folder, 'path/to/lockfiles.zip'), zip);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

/** Words of a shell line with quotes, without expansions. */
const wordsOf = (line: string) =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare!,
  );

async function sluice(args: string[]): Promise<{ code: number; stderr: string }> {
  let stderr = '';
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
  try {
    return { code: await runCommand(args), stderr };
  } finally {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  }
}

/** Paths of an example are below the folder of the test, and its gateway is the test's. */
const placed = (words: string[]) => {
  const args = words
    .map((word) => (/^(?:path\/to\/|package-lock\.json$)/.test(word) ? path.join(folder, word) : word))
    .map((word) => (word === '.' ? folder : word))
    .map((word) =>
      /^(?:sluice\.(?:sarif|xml)|reports\/.*)$/.test(word) ? path.join(folder, 'report') : word,
    );
  const at = args.indexOf('--server');
  return at >= 0 ? args.with(at + 1, url) : args[0]?.startsWith('--') ? args : [...args, '--server', url];
};

describe('README.md', () => {
  const ours = commands.filter(
    (command) => /^npm run (?:sluice|vet)\b/.test(command) && !(command in elsewhere),
  );

  it('has no command that is neither run here nor named with the test that does', () => {
    const left = commands.filter(
      (command) =>
        !ours.includes(command) &&
        !(command in elsewhere) &&
        !isMeasurement(command) &&
        !command.startsWith('curl'),
    );
    expect(left.filter((command) => !/^npm (?:start|ci|run build)\b/.test(command))).toEqual([]);
    expect(ours.length).toBeGreaterThan(5);
  });

  it.each(ours)('%s', async (command) => {
    const [, , script = '', ...words] = wordsOf(command.replace(/\s+#.*$/, ''));
    const args = words.filter((word, index) => word !== '--' || index > 0);
    const { code, stderr } = await sluice(
      placed(script === 'vet' && args.length > 0 ? ['vet', ...args] : args.length > 0 ? args : ['--help']),
    );
    // Answers of the other commands are tested with them: here, the command line has to be a right one.
    expect({ command, isUsage: code === 2, stderr }).toMatchObject({ isUsage: false });
  });

  it.each(commands.filter((command) => command.startsWith('curl')))('%s', async (command) => {
    const words = wordsOf(command);
    const headers = new Headers(
      words
        // The gateway of this test asks for no key.
        .filter((word) => word !== 'Authorization: Bearer $KEY')
        .flatMap((word, index, left) =>
          left[index - 1] === '-H' && word.includes(':') ? [word.split(/:\s*/, 2) as [string, string]] : [],
        ),
    );
    const lockfile = JSON.stringify({ lockfileVersion: 3, packages: { '': {} } });
    let body: string | FormData = lockfile;
    if (words.includes('-F')) {
      body = new FormData();
      body.append('file', new Blob([lockfile]), 'package-lock.json');
    }
    const response = await app.request(words.at(-1)!.replace('$API', ''), { method: 'POST', headers, body });
    expect(response.status).toBe(202);
  });
});

describe('docs/ci.md', () => {
  const blocks = blocksOf(ci);

  it.each(blocks.filter(({ language }) => language === 'yaml'))('a pipeline is YAML: %#', ({ block }) => {
    const [document] = parseSafeYaml(Buffer.from(block));
    expect(JSON.stringify(document)).toContain('vet . --server');
  });

  it.each(
    blocks.flatMap(({ block }) => {
      const flat = block.replaceAll(/\n\s+--/g, ' --');
      return [...flat.matchAll(/start\.mjs" (vet [^'\n]*)/g)].map(([, command]) => command!);
    }),
  )('%s', async (command) => {
    const { code, stderr } = await sluice(
      placed(wordsOf(command).map((word) => word.replace(/^\$\w+$/, 'mira'))),
    );
    // The fake gateway has no report: the command line was right when it was asked for one.
    expect({ code, stderr }).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('did not answer as Sluice does') as string,
    });
  });

  const [script] = blocks.filter(({ language }) => language === 'bash');
  const hasPrograms = ['bash', 'curl', 'jq'].every(
    (program) => spawnSync(program, ['--version']).status === 0,
  );
  if (!hasPrograms) console.warn('Skipped: there is no bash, curl or jq for the script of docs/ci.md.');

  it.skipIf(!hasPrograms).each([
    ['everything is approved', 'completed', ['approved-by-policy', 'own'], 0],
    ['something waits', 'completed', ['approved-by-person', 'review'], 1],
    ['the request was cancelled', 'cancelled', ['approved-by-policy'], 1],
  ])('the script without a checkout ends as it says: %s', async (_, state, standings, code) => {
    const asked: string[] = [];
    const gateway = createServer((message, response) => {
      asked.push(`${message.method} ${message.url} ${message.headers.authorization}`);
      const report = {
        requests: [{ request: { state }, items: standings.map((standing) => ({ standing })) }],
      };
      const answer =
        message.method === 'POST' ? { id: 'r1' } : message.url!.includes('/report') ? report : { state };
      message.resume().on('end', () => response.end(JSON.stringify(answer)));
    });
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void gateway.close());
    const { port } = gateway.address() as AddressInfo;
    const env = {
      ...process.env,
      SLUICE_URL: `http://127.0.0.1:${port}`,
      SLUICE_KEY: 'key',
      no_proxy: '127.0.0.1',
    };
    const child = spawn('bash', ['-e', '-c', script!.block], { cwd: folder, env });
    const [status] = (await once(child, 'close')) as [number];
    expect([status, asked]).toEqual([
      code,
      [
        'POST /v1/requests?filename=package-lock.json Bearer key',
        'GET /v1/requests/r1 Bearer key',
        'GET /v1/requests/r1/report?format=sarif Bearer key',
        'GET /v1/requests/r1/report Bearer key',
      ],
    ]);
  });

  it('has the exit codes that README.md has', () => {
    const codesOf = (text: string) => [...text.matchAll(/^\| (\d) +\|/gm)].map(([, code]) => code);
    expect(codesOf(ci)).toEqual(codesOf(readme));
  });
});

it('every page of docs/ is reached from README.md or ARCHITECTURE.md', async () => {
  const linked = `${readme}\n${await read('ARCHITECTURE.md')}\n${await read('CONTRIBUTING.md')}`;
  const pages = (await readdir(path.join(root, 'docs'))).filter((file) => file.endsWith('.md'));
  expect(pages.filter((file) => !linked.includes(`docs/${file}`))).toEqual([]);
});
