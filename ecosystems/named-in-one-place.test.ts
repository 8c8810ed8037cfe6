import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const folders = ['ecosystems', 'libs', 'services', 'cli', 'deploy'];
/** Tests and their kits use packages of npm as examples. */
const left =
  /\/(?:node_modules|dist|fixtures|test|vendor)\/|^ecosystems\/npm\/|\.test\.ts$|\.test-suite\.ts$|\.d\.ts$/;

/** Forms that are no knowledge of an ecosystem: a purl as an example, and the commands of this repository. */
const allowedForms = /pkg:npm\/|\bnpm (?:start|ci|run (?:vet|sluice))\b|\bnpm packages cannot hold/g;

const asPrograms = 'finds commands, tokens and addresses in the source code of packages';
const aliases = 'short forms of npm’s part of REGISTRIES, and how npm is configured on this machine';
const vet = '`vet` compares the files of an npm project that lie beside its lockfile';
const remedies = 'remedies name the command that writes a lockfile anew';
const oldData = 'lists and events of version 0.1 are of npm’s packages';
const list = 'the list of ecosystems';

const allowed: Record<string, string> = {
  'cli/src/arguments.ts': 'the short form `lodash@4.17.21` stands for a package of npm',
  'cli/src/commands/replay.ts': 'an example',
  'cli/src/compare-manifest.ts': vet,
  'cli/src/compare-registries.ts': vet,
  'cli/src/compare-overrides.ts': vet,
  'cli/src/current-platform.ts': vet,
  'cli/src/find-npmrc-key.ts': vet,
  'cli/src/read-lockfile.ts': vet,
  'cli/src/vet-inputs.ts': vet,
  'deploy/embedded/src/index.ts': aliases,
  'deploy/embedded/src/npm-settings.ts': aliases,
  'deploy/embedded/src/service-env.ts': aliases,
  'deploy/embedded/src/start-stack.ts': aliases,
  'deploy/embedded/src/state-folder.ts': aliases,
  'deploy/embedded/start.mjs': 'npm installs Sluice itself',
  'ecosystems/assessment.ts': list,
  'ecosystems/facade.ts': list,
  'ecosystems/fix.ts': list,
  'ecosystems/inspection.ts': list,
  'ecosystems/intake.ts': list,
  'ecosystems/names.ts': list,
  'ecosystems/registry.ts': list,
  'ecosystems/settings.ts': aliases,
  'libs/api/src/operations/advisory-set.ts': 'an example',
  'libs/api/src/operations/replay.ts': 'an example',
  'libs/api/src/requests/request.ts': 'an example',
  'libs/api/src/requests/submission.ts': 'an example',
  'libs/contracts/src/error-codes.ts': remedies,
  'libs/contracts/src/evidence/upgrade-evidence.ts': oldData,
  'libs/contracts/src/submission.ts': oldData,
  'libs/inspection/src/rules/credential-theft.ts': asPrograms,
  'libs/inspection/src/rules/left-behind-files.ts': asPrograms,
  'libs/inspection/src/rules/persistence.ts': asPrograms,
  'libs/inspection/src/rules/secrets.ts': asPrograms,
  'libs/inspection/src/rules/self-propagation.ts': asPrograms,
  'libs/inspection/src/source/capability-words.ts': asPrograms,
  'libs/inspection/src/source/credentials.ts': asPrograms,
  'libs/inspection/src/source/credential-files.ts': asPrograms,
  'libs/inspection/src/source/text-signals.ts': asPrograms,
  'libs/inspection/src/source/trace-words.ts': asPrograms,
  'libs/licenses/src/normalise-declared-license.ts':
    'the forms that declarations have had in package.json; the source is named',
  'libs/policy/src/reasons.ts': remedies,
  'libs/servers/src/postgres-binaries.ts': 'npm installs the servers that Sluice starts',
  'services/aggregator/src/requests/mend-merged-names.ts': oldData,
};

async function filesThatNameNpm(): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    for (const entry of await readdir(path.join(root, folder), { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name);
      const name = path.relative(root, file);
      if (!entry.isFile() || !/\.(?:ts|mts|mjs)$/.test(name) || left.test(name)) continue;
      if (/npm/i.test((await readFile(file, 'utf8')).replaceAll(allowedForms, ''))) found.push(name);
    }
  }
  return found.toSorted();
}

it('only the folder of npm names npm, but for the files that are listed here with the reason', async () => {
  expect(await filesThatNameNpm()).toEqual(Object.keys(allowed).toSorted());
});
