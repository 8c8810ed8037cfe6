import { readTarball, toFinding, withoutFolder, type Inspection } from '@sluice/inspection/inspect';
import type { NpmContents } from './contents.ts';
import { gypMaxBytes, isGypFile, readGypFacts, type GypFacts } from './gyp/gyp-facts.ts';
import { installFiles, reachableFiles } from './install-files.ts';
import {
  innerFolder,
  mainOf,
  manifestMaxBytes,
  packageFolder,
  parsePackageManifest,
  unreadable,
  type ReadManifest,
} from './manifest.ts';
import { packageRules } from './rules/package-rules.ts';

/** A package with more is no addon; the content of further ones counts as not understood. */
const gypFilesMax = 500;

/** A package.json within a package states little more than what loads as its folder. */
const innerManifestMaxBytes = 64 * 1024;

/** npm drops the first folder of a tarball under any name, and extracts no link. */
export const npmInspection: Inspection = {
  type: 'npm',
  readArchive: (source, visit) => readTarball(source, visit, { placedPath: withoutFolder }),
  readPackage() {
    const gyp = new Map<string, GypFacts>();
    /** By folder; the package itself under the empty one. */
    const manifests = new Map<string, ReadManifest>();
    const mains = new Map<string, string>();
    return {
      textLimitOf(path) {
        if (packageFolder(path) !== null) return manifestMaxBytes;
        if (innerFolder(path) !== null) return innerManifestMaxBytes;
        return isGypFile(path) ? gypMaxBytes : 0;
      },
      take(path, text, sizeBytes) {
        const folder = packageFolder(path);
        const inner = innerFolder(path);
        if (inner !== null) {
          const main = mainOf(text ?? '');
          if (main !== null) mains.set(inner, main);
        } else if (folder === null) {
          if (gyp.size < gypFilesMax) gyp.set(path, readGypFacts(text, sizeBytes));
        } else {
          const read = text === null ? unreadable('It is no text') : parsePackageManifest(text, sizeBytes);
          manifests.set(folder, read);
          if (read.manifest?.main) mains.set(folder, read.manifest.main);
        }
      },
      end(general) {
        const own = manifests.get('') ?? unreadable('There is none');
        manifests.delete('');
        const bundled = [...manifests].map(([folder, read]) => ({ folder, ...read }));
        const packages = [{ folder: '', ...own }, ...bundled];
        const contents: NpmContents = { ...general, packages, gyp, mains };
        return {
          manifest: own.manifest,
          installFiles: () => new Set(installFiles(contents).keys()),
          reachableFiles: () => reachableFiles(contents),
          findings: () =>
            packageRules.flatMap((rule) => [...rule.check(contents)].map((hit) => toFinding(rule, hit))),
        };
      },
    };
  },
};
