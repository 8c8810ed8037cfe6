import { readTarball, toFinding, withoutFolder, type Inspection } from '@sluice/inspection/inspect';
import type { NpmContents } from './contents.ts';
import { gypMaxBytes, isGypFile, readGypFacts, type GypFacts } from './gyp/gyp-facts.ts';
import { installFiles, reachableFiles } from './install-files.ts';
import { manifestMaxBytes, packageFolder, parsePackageManifest, type ReadManifest } from './manifest.ts';
import { packageRules } from './rules/package-rules.ts';

/** A package with more is no addon; the content of further ones counts as not understood. */
const gypFilesMax = 500;

/** npm drops the first folder of a tarball under any name, and extracts no link. */
export const npmInspection: Inspection = {
  type: 'npm',
  readArchive: (source, visit) => readTarball(source, visit, { placedPath: withoutFolder }),
  readPackage() {
    const gyp = new Map<string, GypFacts>();
    /** By folder; the package itself under the empty one. */
    const manifests = new Map<string, ReadManifest>();
    return {
      textLimitOf(path) {
        if (packageFolder(path) !== null) return manifestMaxBytes;
        return isGypFile(path) ? gypMaxBytes : 0;
      },
      take(path, text, sizeBytes) {
        const folder = packageFolder(path);
        if (folder === null) {
          if (gyp.size < gypFilesMax) gyp.set(path, readGypFacts(text, sizeBytes));
        } else {
          const read = text === null ? unreadable('It is no text') : parsePackageManifest(text, sizeBytes);
          manifests.set(folder, read);
        }
      },
      end(general) {
        const own = manifests.get('') ?? unreadable('There is none');
        manifests.delete('');
        const bundled = [...manifests].map(([folder, read]) => ({ folder, ...read }));
        const contents: NpmContents = { ...general, packages: [{ folder: '', ...own }, ...bundled], gyp };
        return {
          manifest: own.manifest,
          installFiles: () => installFiles(contents),
          reachableFiles: () => reachableFiles(contents),
          findings: packageRules.flatMap((rule) =>
            [...rule.check(contents)].map((hit) => toFinding(rule, hit)),
          ),
        };
      },
    };
  },
};

function unreadable(problem: string): ReadManifest {
  return { manifest: null, problem };
}
