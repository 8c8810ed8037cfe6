import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { fakeGateway } from '../../test/fake-gateway.ts';
import { credentialsFile, findCredential, keepCredential } from '../credentials.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'sluice-login-'));
vi.stubEnv('XDG_CONFIG_HOME', folder);
vi.stubEnv('SLUICE_KEY', '');
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});
const file = path.join(folder, 'sluice', 'credentials.json');
const token = `sls_${'t'.repeat(43)}`;
const expiresAt = '2126-03-01T09:30:00.000Z';
const gateway = await fakeGateway(() => ({
  'POST /v1/auth/device': [
    201,
    {
      deviceCode: 'd',
      userCode: 'BCDF-GHJK',
      verificationUri: 'https://sluice.example/device',
      verificationUriComplete: 'https://sluice.example/device#BCDF-GHJK',
      expiresInSeconds: 600,
      intervalSeconds: 0,
    },
  ],
  'POST /v1/auth/device/token': [201, { token, name: 'mira@example.org', expiresAt }],
  'POST /v1/auth/sign-out': [200, { id: '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11' }],
}));
beforeEach(() => rm(file, { force: true }));

it('login shows the code, and keeps the token for its owner alone', async () => {
  const { code, stdout, stderr } = await gateway.sluice('login');
  expect([code, stdout]).toEqual([0, `Signed in as mira@example.org until ${expiresAt}.\n`]);
  expect(stderr).toContain('BCDF-GHJK');
  expect(stdout + stderr).not.toContain(token);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, 'utf8')).toContain(token);
});

it('login that is refused keeps nothing', async () => {
  gateway.answers['POST /v1/auth/device/token'] = [
    403,
    { code: 'device.denied', detail: 'refused', remedy: 'r' },
  ];
  const { code, stderr } = await gateway.sluice('login');
  expect([code, stderr.includes('refused')]).toEqual([2, true]);
  await expect(stat(file)).rejects.toThrow('ENOENT');
});

it('logout ends the session, and forgets the token, also of one that has ended', async () => {
  await gateway.sluice('login');
  gateway.answers['POST /v1/auth/sign-out'] = [401, { code: 'access.session-ended', detail: 'ended' }];
  expect((await gateway.sluice('logout')).stdout).toBe('Signed out.\n');
  expect(await readFile(file, 'utf8')).toBe('{}\n');
  expect((await gateway.sluice('logout')).stdout).toBe('You were not signed in there.\n');
});

it('a token is for the gateway that gave it, until it ends', async () => {
  const now = new Date('2026-03-01T00:00:00Z');
  const credential = { token, name: 'mira', expiresAt: '2026-03-01T12:00:00.000Z' };
  await keepCredential('https://sluice.example/', credential, file);
  await keepCredential('https://other.example', { ...credential, token: 'x' }, file);
  expect(await findCredential('https://sluice.example/v1', now, file)).toEqual(credential);
  for (const server of [
    'https://sluice.example:8443',
    'http://sluice.example',
    'https://sluice.example.evil.example',
  ])
    expect(await findCredential(server, now, file)).toBeNull();
  expect(await findCredential('https://sluice.example', new Date('2026-03-01T12:00:00Z'), file)).toBeNull();
});

it('a file that cannot be read is named, with the remedy', async () => {
  await keepCredential('https://sluice.example', null, file);
  await writeFile(file, '{');
  await expect(findCredential('https://sluice.example', new Date(), file)).rejects.toMatchObject({
    message: expect.stringContaining(file) as string,
    remedy: expect.stringContaining('sluice login') as string,
  });
});

it('the file is where the system has settings', () => {
  expect(credentialsFile({}, 'linux', '/home/m')).toBe('/home/m/.config/sluice/credentials.json');
  expect(credentialsFile({ XDG_CONFIG_HOME: '/x' }, 'linux', '/home/m')).toBe('/x/sluice/credentials.json');
  expect(credentialsFile({}, 'darwin', '/Users/m')).toContain('/Users/m/Library/Application Support/sluice');
});
