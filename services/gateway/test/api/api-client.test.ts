import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Health, createLogger } from '@sluice/runtime';
import openapiTS, { astToString } from 'openapi-typescript';
import { expect, it, onTestFinished } from 'vitest';
import { createApp } from '../../src/app.ts';
import type { GatewayDeps } from '../../src/deps.ts';

const workspace = fileURLToPath(new URL('../..', import.meta.url));
const compiler = fileURLToPath(new URL('../../../../node_modules/typescript/bin/tsc', import.meta.url));
/** As strict as a project can be: optional fields must be optional, and missing values are checked for. */
const compilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  target: 'es2022',
  module: 'preserve',
  allowImportingTsExtensions: true,
  types: [],
};

it('a client whose types are generated from the document compiles, and uses every operation', async () => {
  const deps = { health: new Health(), log: createLogger('test', 'silent'), isAllowedHost: () => true };
  const app = createApp(deps as unknown as GatewayDeps);
  const document = await (await app.request('/openapi.json')).text();
  // Below the workspace, so that the program finds the packages that it imports.
  const folder = await mkdtemp(path.join(workspace, 'node_modules', '.client-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(path.join(folder, 'openapi.ts'), astToString(await openapiTS(document)));
  await copyFile(path.join(workspace, 'fixtures/client-program.ts'), path.join(folder, 'program.ts'));
  await writeFile(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['program.ts'] }),
  );
  const check = promisify(execFile)(process.execPath, [compiler, '-p', folder]);
  expect(await check.catch(({ stdout }: { stdout: string }) => ({ stdout }))).toMatchObject({ stdout: '' });
});
