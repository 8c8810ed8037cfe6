import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newSigningKey, pemOf, readSigningKeys, signStatement, type VerdictStatement } from '@sluice/signing';
import { Command } from 'commander';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { verifyCommands } from './verify.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'sluice-verify-'));
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

const statement: VerdictStatement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'a.tgz', digest: { sha256: createHash('sha256').update('bytes').digest('hex') } }],
  predicateType: 'https://slsa.dev/verification_summary/v1',
  predicate: {
    verifier: { id: 'urn:sluice:gate' },
    timeVerified: '2026-03-01T11:00:00.000Z',
    resourceUri: 'pkg:npm/a@1.0.0',
    policy: { uri: 'urn:sluice:policy:team-a:1' },
    inputAttestations: [],
    verificationResult: 'PASSED',
    verifiedLevels: ['SLUICE_APPROVED'],
    sluice: {
      scope: 'team-a',
      decision: {
        state: 'approved',
        by: { kind: 'policy', name: 'team-a' },
        at: '2026-03-01T11:00:00.000Z',
        until: null,
        sequence: 1,
      },
      outcome: 'approve',
      codes: [],
      waivers: [],
    },
  },
};
const keys = readSigningKeys(newSigningKey());
const file = (name: string) => path.join(folder, name);
await writeFile(file('a.tgz'), 'bytes');
await writeFile(file('verdict.json'), JSON.stringify(signStatement(statement, keys)));
await writeFile(file('keys.pem'), keys.all.map(pemOf).join(''));

async function verify(...options: string[]): Promise<{ code: number; out: string }> {
  let out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const program = new Command();
  verifyCommands(program);
  const argv = ['verify', file('a.tgz'), '--verdict', file('verdict.json'), '--keys', file('keys.pem')];
  await program.parseAsync([...argv, ...options], { from: 'user' });
  return { code: Number(process.exitCode ?? 0), out };
}

it('takes a decision of the scope that was asked for, on the package that was asked for', async () => {
  const { code, out } = await verify('--scope', 'team-a', '--package', 'a@1.0.0');
  expect([code, out]).toEqual([0, 'pkg:npm/a@1.0.0 is approved in team-a, by urn:sluice:policy:team-a:1.\n']);
});

it.each([
  [[], 'Not verified (other-scope): The decision is one of the scope team-a, not of default.\n'],
  [
    ['--scope', 'team-a', '--package', 'a@1.0.1'],
    'Not verified (other-package): The decision is on pkg:npm/a@1.0.0, not on pkg:npm/a@1.0.1.\n',
  ],
])('refuses one of another scope or package: %j', async (options, said) => {
  expect(await verify(...options)).toEqual({ code: 1, out: said });
});
