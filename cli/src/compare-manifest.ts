import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { placeKind } from '@sluice/ecosystems/npm/specs';
import { CommandError, exitCodes } from './exit-codes.ts';
import { objectOf, type Json } from './json.ts';
import { overrideMisfit } from './compare-overrides.ts';

const groups = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/**
 * Refuses a lockfile whose package.json beside it asks for something from an address, a repository, a file or another
 * name that the lockfile does not ask for: npm follows the package.json then, and `npm ci` does not complain (npm 11).
 * Ranges are npm's to compare: it refuses a lockfile that they do not fit.
 * @throws CommandError with exit code 2 that names the difference.
 */
export async function refuseOtherManifest(lockfile: string, content: Buffer): Promise<void> {
  const text = content.toString('utf8');
  const lock = parse(text);
  // Content that is no JSON is answered by the reader of lockfiles.
  if (!lock) return;
  const packages = objectOf(lock.packages);
  // npm reads the package.json of each workspace too.
  const folders = Object.keys(packages).filter((place) => place !== '' && !place.includes('node_modules'));
  for (const folder of ['', ...folders]) {
    const file = path.join(path.dirname(lockfile), folder, 'package.json');
    const manifest = parse(await readFile(file, 'utf8').catch(() => ''));
    // Without a package.json npm goes by the lockfile.
    if (manifest) compareAsks(manifest, objectOf(packages[folder]), lock);
    const misfit = folder === '' && manifest ? overrideMisfit(manifest, lock) : null;
    if (misfit) throw differs(...misfit);
  }
}

function compareAsks(manifest: Json, locked: Json, lock: Json): void {
  const entries = objectOf(lock.dependencies);
  for (const group of groups) {
    for (const [name, spec] of Object.entries(objectOf(manifest[group]))) {
      if (typeof spec !== 'string' || placeKind(spec) === null || objectOf(locked[group])[name] === spec)
        continue;
      // Version 1 does not hold the project's specs; its entries say where each comes from.
      const { version, from } = objectOf(entries[name]);
      if (lock.packages || (version !== spec && from !== spec)) throw differs(name, spec);
    }
  }
}

function differs(name: string, spec: string): CommandError {
  return new CommandError(
    exitCodes.usage,
    `package.json asks for ${name} from "${spec}", and the lockfile does not: npm would follow package.json.`,
    'Write the lockfile anew with `npm install --package-lock-only`, and vet that.',
  );
}

function parse(text: string): Json | null {
  try {
    return objectOf(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch {
    return null;
  }
}
