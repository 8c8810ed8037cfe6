import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectBus, createNatsSeed, natsPublicKey } from '@sluice/broker';
import { natsKeyFile, natsUsers } from '@sluice/rights';
import { createLogger } from '@sluice/runtime';
import { childRecords, findNatsServer, freePort } from '@sluice/servers';
import { findRepositoryRoot, testPostgres } from '@sluice/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStack, type Stack } from './start-stack.ts';
import { stateFolder } from './state-folder.ts';

const run = promisify(execFile);
const base = await mkdtemp(join(tmpdir(), 'sluice-users-'));
// The folders above the state folder are open, as they are on most machines.
await chmod(base, 0o755);
afterAll(() => rm(base, { recursive: true, force: true }));
const state = stateFolder(join(base, 'state'));
const { path: SLUICE_NATS_SERVER } = await findNatsServer({
  env: process.env,
  stateFolder: join(findRepositoryRoot(), '.sluice'),
});
const database = await testPostgres();
const env = {
  ...process.env,
  SLUICE_NATS_SERVER,
  NPM_REGISTRY_URL: 'https://registry.example/',
  DATABASE_URL: database.url,
};
const apiPort = await freePort();
const start = () => startStack({ stateFolder: state.path, services: [], env, port: apiPort });

let stack: Stack;
beforeAll(async () => void (stack = await start()));
afterAll(() => stack.stop());

const seedOf = (user: string) => readFile(natsKeyFile(state.natsKeys, user), 'utf8');

/** Speaks the protocol of NATS as any program on the machine could. @returns the answer of the server to a command. */
async function sendCommand(connect: object, user?: string): Promise<string> {
  const { port } = new URL(stack.info.natsUrl);
  const lines = [
    `CONNECT ${JSON.stringify({ verbose: false, ...connect })}`,
    'PUB cmd.aggregator.approve 2',
    '{}',
  ];
  // In one write: bytes that arrive after the server has closed would take its answer away with them.
  const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; read -r <&3
    cat <<< $'${[...lines, 'PING'].join(String.raw`\r\n`)}\r' >&3
    timeout 5 head -n 1 <&3`;
  const as = user === undefined ? [] : ['runuser', '-u', user, '--'];
  const [program, ...words] = [...as, 'bash', '-c', script];
  const { stdout } = await run(program!, words).catch((error: { stdout: string }) => error);
  return stdout;
}

describe('the broker of the embedded stack', () => {
  it('refuses who shows no key of a user', async () => {
    const guesses = [
      {},
      { auth_token: 'a'.repeat(43) },
      { user: 'sluice', pass: 'x' },
      { nkey: natsPublicKey(await seedOf('operator')), sig: Buffer.alloc(64).toString('base64url') },
      { nkey: natsPublicKey(createNatsSeed()) },
    ];
    for (const guess of guesses) {
      const answer = await sendCommand(guess);
      expect(answer).toContain('Authorization Violation');
      expect(answer).not.toContain('PONG');
    }
  });

  it('knows the same keys after a restart', async () => {
    const seed = await seedOf('operator');
    await stack.stop();
    stack = await start();
    expect(await seedOf('operator')).toBe(seed);
    const log = createLogger('test', 'silent');
    const bus = await connectBus({
      url: stack.info.natsUrl,
      nkey: seed,
      service: 'test',
      instance: 't',
      log,
    });
    await bus.jsm.getAccountInfo();
    await bus.close();
  });

  it('shows seeds in no command line and no configuration', async () => {
    const children = await childRecords(state.childrenFile).alive();
    expect(children.map(({ name }) => name)).toEqual(['nats-server']);
    const lines = await Promise.all(children.map(({ pid }) => readFile(`/proc/${pid}/cmdline`, 'utf8')));
    expect(lines.join()).toContain('nats-server');
    lines.push(await readFile(join(state.nats, 'nats-server.conf'), 'utf8'));
    for (const user of natsUsers) expect(lines.join()).not.toContain((await seedOf(user)).trim());
  });
});

describe('the state folder', () => {
  it('is for its owner only, also one that was open before', async () => {
    await stack.stop();
    await Promise.all([state.logs, state.artifacts, state.spans].map((folder) => chmod(folder, 0o755)));
    stack = await start();
    const modes = async (paths: string[]) =>
      Promise.all(paths.map(async (path) => ((await stat(path)).mode & 0o777).toString(8)));
    const folders = [state.path, state.logs, state.nats, state.natsKeys, state.artifacts, state.spans];
    expect(await modes(folders)).toEqual(folders.map(() => '700'));
    const files = [
      state.runFile,
      ...natsUsers.map((user) => natsKeyFile(state.natsKeys, user)),
      state.logFile('nats-server'),
      join(state.nats, 'nats-server.conf'),
    ];
    expect(await modes(files)).toEqual(files.map(() => '600'));
  });
});

// Another user is needed, and only root can be one.
describe.runIf(process.getuid?.() === 0)('another user of the machine (only root can try it)', () => {
  const user = 'nobody';

  it('cannot send a command to the broker', async () => {
    const answer = await sendCommand({}, user);
    expect(answer).toContain('Authorization Violation');
    expect(answer).not.toContain('PONG');
  });

  it.each([state.runFile, state.childrenFile, natsKeyFile(state.natsKeys, 'operator')])(
    'cannot read %s',
    async (file) => {
      const reading = run('runuser', ['-u', user, '--', 'cat', file]);
      await expect(reading).rejects.toMatchObject({ stderr: expect.stringContaining('Permission denied') });
    },
  );
});
