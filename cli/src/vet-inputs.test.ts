import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readInputs } from './vet-inputs.ts';

const root = await mkdtemp(path.join(tmpdir(), 'sluice-folder-'));
afterAll(() => rm(root, { recursive: true }));

const lock = '{"lockfileVersion":3,"packages":{}}';
async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(path.join(root, 'f-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  return folder;
}
const filesOf = async (folder: string) => {
  const { inputs, isFolder } = await readInputs(folder, undefined);
  expect(isFolder).toBe(true);
  return inputs.map((input) => ('error' in input ? `${path.relative(folder, input.path)}!` : input.filename));
};

describe('a folder', () => {
  it('has its lockfiles of all kinds at any depth, in order, without those of installed packages', async () => {
    const folder = await folderOf({
      'package-lock.json': lock,
      'b/yarn.lock': '# yarn lockfile v1\n',
      'b/c/pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
      'a/bun.lock': '{"lockfileVersion":1,"workspaces":{}}',
      'node_modules/x/package-lock.json': lock,
      '.cache/yarn.lock': '',
      'docs/bom.json': '{"bomFormat":"CycloneDX","specVersion":"1.5"}',
      'package.json': '{}',
      'infra/.terraform.lock.hcl': '',
      'infra/main.tf': 'module "a" {\n  source = "./a"\n}\n',
      'infra/modules.json': '{}',
    });
    await symlink(folder, path.join(folder, 'b', 'loop'));
    expect(await filesOf(folder)).toEqual([
      'a/bun.lock',
      'b/c/pnpm-lock.yaml',
      'b/yarn.lock',
      'infra/.terraform.lock.hcl',
      'package-lock.json',
    ]);
  });

  it('has the shrinkwrap in place of a package-lock.json that npm does not read', async () => {
    expect(await filesOf(await folderOf({ 'npm-shrinkwrap.json': lock, 'package-lock.json': lock }))).toEqual(
      ['npm-shrinkwrap.json'],
    );
  });

  it('names a lockfile that cannot be vetted, among the others', async () => {
    const folder = await folderOf({
      'a/package-lock.json': lock,
      'a/package.json': '{"dependencies":{"x":"git+https://git.example/x"}}',
      'b/package-lock.json': lock,
    });
    expect(await filesOf(folder)).toEqual(['a/package-lock.json!', 'b/package-lock.json']);
  });

  it('names a lockfile that is a link to a place outside of it, and reads one whose target is inside', async () => {
    const folder = await folderOf({ 'b/package-lock.json': lock });
    await mkdir(path.join(folder, 'a'));
    await symlink('/etc/hostname', path.join(folder, 'a', 'requirements.txt'));
    await symlink('../b/package-lock.json', path.join(folder, 'a', 'package-lock.json'));
    expect(await filesOf(folder)).toEqual([
      'a/requirements.txt!',
      'a/package-lock.json',
      'b/package-lock.json',
    ]);
  });

  it('without a lockfile, or with more than are vetted at once, is refused', async () => {
    await expect(readInputs(await folderOf({ 'package.json': '{}' }), undefined)).rejects.toMatchObject({
      exitCode: 2,
    });
    const many = Object.fromEntries(Array.from({ length: 501 }, (_, at) => [`${at}/yarn.lock`, '']));
    await expect(readInputs(await folderOf(many), undefined)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('more than 500 lockfiles') as string,
    });
  });

  it('has no single format', async () => {
    await expect(readInputs(await folderOf({ 'yarn.lock': '' }), 'yarn-lock')).rejects.toMatchObject({
      exitCode: 2,
    });
  });
});

it('a document is not compared with the files beside it, which no installer reads with it', async () => {
  const folder = await folderOf({
    'bom.json':
      '{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"name":"a","purl":"pkg:npm/a@1.0.0"}]}',
    'package.json': '{"dependencies":{"x":"git+https://git.example/x"}}',
    '.npmrc': 'registry=https://other.example/',
  });
  const { inputs, isFolder } = await readInputs(path.join(folder, 'bom.json'), undefined);
  expect({ isFolder, name: (inputs[0] as { filename: string }).filename }).toEqual({
    isFolder: false,
    name: 'bom.json',
  });
});
