import { expect, it, onTestFinished, vi } from 'vitest';
import { isSameGateway, withApi } from './connect.ts';

it.each([
  ['http://127.0.0.1:8080', true],
  ['http://127.0.0.1:8080/', true],
  ['http://localhost:8080', true],
  ['http://[::1]:8080', true],
  ['http://localhost:8081', false],
  ['https://localhost:8080', false],
  ['http://sluice.example:8080', false],
  ['http://127.0.0.1.evil.example:8080', false],
  ['http://localhost@evil.example:8080', false],
  ['nonsense', false],
])('the key of this machine goes to %s: %s', (server, expected) => {
  expect(isSameGateway(server, 'http://127.0.0.1:8080')).toBe(expected);
});

it('a file of SLUICE_KEY_FILE that is not there is named, with the remedy', async () => {
  vi.stubEnv('SLUICE_KEY', '').stubEnv('SLUICE_KEY_FILE', '/nowhere/key');
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(withApi({ server: 'https://sluice.example' }, async () => {})).rejects.toMatchObject({
    code: 'key.unreadable',
    message: expect.stringContaining('/nowhere/key') as string,
    remedy: expect.stringContaining('SLUICE_KEY_FILE') as string,
  });
});
