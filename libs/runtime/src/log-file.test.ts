import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { LogFile } from './log-file.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('a full disk loses lines and throws nothing, and how many were lost is told once there is room', () => {
  const descriptor = openSync('/dev/full', 'w');
  const log = new LogFile(descriptor);
  log.write('a\n');
  log.write('b\n');
  // The lowest free number is the same: to the log, its disk has room again.
  closeSync(descriptor);
  const file = path.join(folder, 'log');
  expect(openSync(file, 'w')).toBe(descriptor);
  log.write('c\n');
  log.write('d\n');
  log.close();
  log.write('nothing more\n');
  const [broken, loss = '', ...rest] = readFileSync(file, 'utf8').split('\n');
  expect([broken, rest]).toEqual(['', ['c', 'd', '']]);
  expect(JSON.parse(loss)).toMatchObject({ level: 'error', code: 'ENOSPC', lines: 2 });
});
