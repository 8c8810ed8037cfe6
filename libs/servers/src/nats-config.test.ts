import { expect, it } from 'vitest';
import { natsServerConfig } from './nats-config.ts';
import { isAtLeast } from './nats-version.ts';

const input = { host: '127.0.0.1', port: 4222, serverName: 'one', storeFolder: '/tmp/a "b"', settings: {} };

it('leaves out sync_interval for 2.9, which refuses to start on it', () => {
  expect(natsServerConfig({ ...input, version: '2.9.10' })).not.toContain('sync_interval');
  expect(natsServerConfig({ ...input, version: '2.10.0' })).toContain('sync_interval: "1s"');
});

it('can flush after every message', () => {
  const settings = { syncInterval: 'always' };
  expect(natsServerConfig({ ...input, version: '2.15.1', settings })).toContain('sync_interval: always');
});

it('quotes paths', () => {
  expect(natsServerConfig({ ...input, version: '2.15.1' })).toContain(String.raw`store_dir: "/tmp/a \"b\""`);
});

it.each([
  ['2.9.10', '2.10.0', false],
  ['2.10.0', '2.10.0', true],
  ['2.15.1', '2.10.0', true],
  ['3.0.0-RC.1', '2.10.0', true],
])('compares versions by number: %s is at least %s: %s', (version, minimum, expected) => {
  expect(isAtLeast(version, minimum)).toBe(expected);
});
