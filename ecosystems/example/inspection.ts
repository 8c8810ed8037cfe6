import { readTarball, toFinding, type Inspection, type PackageManifest } from '@sluice/inspection/inspect';
import { readExampleManifest } from './manifest.ts';
import { startsProgram } from './rules/starts-program.ts';

const manifestFile = 'MANIFEST';
const manifestMaxChars = 10_000;

/** Tarballs are extracted as they are; MANIFEST at the top names the package. */
export const exampleInspection: Inspection = {
  type: 'example',
  readArchive: (source, visit) => readTarball(source, visit, { placedPath: (path) => path }),
  readPackage() {
    let manifest: PackageManifest | null = null;
    return {
      textLimitOf: (path) => (path === manifestFile ? manifestMaxChars : 0),
      take(_path, text) {
        manifest = readExampleManifest(text ?? '');
      },
      end: (contents) => ({
        manifest,
        installFiles: () => new Set(),
        reachableFiles: () => new Set(contents.files.keys()),
        findings: () =>
          [...startsProgram.check({ ...contents, manifest })].map((hit) => toFinding(startsProgram, hit)),
      }),
    };
  },
};
