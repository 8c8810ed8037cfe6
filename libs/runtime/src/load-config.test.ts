import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { booleanField, integerField, listField, urlField } from './config-fields.ts';
import { loadConfig } from './load-config.ts';

let folder: string;
let secretFile: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-config-'));
  secretFile = path.join(folder, 'secret');
  await writeFile(secretFile, 'from-file\n');
});
afterAll(() => rm(folder, { recursive: true }));

const schema = z.object({
  DATABASE_URL: urlField('postgres', 'postgresql'),
  PORT: integerField(0, 65_535, 8080),
  VERBOSE: booleanField(false),
  HOSTS: listField(['a']),
  TOKEN: z.string().optional(),
  POLICY_FILE: z.string().optional(),
});
const DATABASE_URL = 'postgres://localhost/db';

function faultsOf(env: Record<string, string>): string[] {
  try {
    loadConfig(schema, env);
  } catch (error) {
    expect(error).toMatchObject({ name: 'PermanentError', code: 'config.invalid' });
    return (error as Error).message.split('\n');
  }
  return [];
}

describe('configuration', () => {
  it('has defaults, and reads variables that are set', () => {
    expect(loadConfig(schema, { DATABASE_URL })).toEqual({
      DATABASE_URL,
      PORT: 8080,
      VERBOSE: false,
      HOSTS: ['a'],
    });
    const env = { DATABASE_URL, PORT: '0', VERBOSE: '1', HOSTS: ' x, ,y ', TOKEN: 't', UNKNOWN: 'ignored' };
    expect(loadConfig(schema, env)).toMatchObject({ PORT: 0, VERBOSE: true, HOSTS: ['x', 'y'], TOKEN: 't' });
  });

  it('counts an empty variable as unset', () => {
    expect(loadConfig(schema, { DATABASE_URL, PORT: '', TOKEN: '' })).toMatchObject({ PORT: 8080 });
    expect(faultsOf({ DATABASE_URL: '' })).toHaveLength(1);
  });

  it('names every fault at once, one a line, and no value', () => {
    const faults = faultsOf({
      DATABASE_URL: 'mysql://user:hunter2@host/db',
      PORT: 'hunter2',
      VERBOSE: 'hunter2',
      TOKEN: 'hunter2',
      TOKEN_FILE: secretFile,
    });
    expect(faults.map((line) => line.split(':')[0]).toSorted()).toEqual([
      'DATABASE_URL',
      'PORT',
      'TOKEN',
      'VERBOSE',
    ]);
    expect(faults.join('\n')).not.toContain('hunter2');
  });

  it.each(['-1', '65536', '1.5', '0x10', '1e3', ' 5'])('takes no %j for a port', (PORT) => {
    expect(faultsOf({ DATABASE_URL, PORT })).toHaveLength(1);
  });
});

describe('a variable with _FILE', () => {
  it('stands in for the variable with the content of the file, trimmed', () => {
    expect(loadConfig(schema, { DATABASE_URL, TOKEN_FILE: secretFile }).TOKEN).toBe('from-file');
  });

  it('that is declared itself is a path', () => {
    expect(loadConfig(schema, { DATABASE_URL, POLICY_FILE: '/etc/policy.yaml' }).POLICY_FILE).toBe(
      '/etc/policy.yaml',
    );
  });

  it('that cannot be read is a fault, among the others', () => {
    const faults = faultsOf({ TOKEN_FILE: path.join(folder, 'none'), PORT: 'x' });
    expect(faults).toEqual([
      'TOKEN_FILE: cannot be read (ENOENT)',
      expect.stringContaining('DATABASE_URL'),
      expect.stringContaining('PORT'),
    ]);
  });

  it('of a variable that is not declared is ignored', () => {
    expect(faultsOf({ DATABASE_URL, SSL_CERT_FILE: path.join(folder, 'none') })).toEqual([]);
  });
});
