import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished, expect, it } from 'vitest';
import { readScopes } from './scopes.ts';

async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-scopes-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(path.join(folder, 'teams'));
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  return folder;
}

it('there is the scope default without any document', async () => {
  const scopes = await readScopes({});
  expect([...scopes].map(([scope, { name }]) => [scope, name])).toEqual([['default', 'default']]);
});

it('a policy is found beside the document of scopes; a scope without one has the policy of default', async () => {
  const folder = await folderWith({
    'policy.yaml': 'version: 1\nname: ours',
    'teams/scopes.yaml': 'scopes: { team-a: { policy: a.yaml }, team-b: {} }',
    'teams/a.yaml': 'version: 1\nname: a',
  });
  const scopes = await readScopes({
    POLICY_FILE: path.join(folder, 'policy.yaml'),
    SCOPES_FILE: path.join(folder, 'teams/scopes.yaml'),
  });
  expect([...scopes].map(([scope, { name }]) => [scope, name])).toEqual([
    ['default', 'ours'],
    ['team-a', 'a'],
    ['team-b', 'ours'],
  ]);
});
