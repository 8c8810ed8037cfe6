import { toFinding, type Inspection, type PackageManifest } from '@sluice/inspection/inspect';
import { noStatement, readBuildStatement } from './build-statement.ts';
import type { PypiContents } from './contents.ts';
import { manifestOf, metadataMaxBytes, readCoreMetadata } from './core-metadata.ts';
import { installFiles } from './install-files.ts';
import { readPythonFile, type PythonFile } from './python/python-file.ts';
import { readDistribution } from './read-archive.ts';
import { packageRules } from './rules/package-rules.ts';
import { pythonFindings } from './rules/python-rules.ts';

const infoFile = /^([^/]+\.dist-info)\/(METADATA|WHEEL|RECORD)$/;
/** A larger file is data, or generated. */
const pythonMaxChars = 1536 * 1024;
const pythonFile = /\.pyw?$/;
const pathFile = /^[^/]+\.pth$/;
/** License files of a wheel, in either of the places that build tools put them. */
const licenseFile = /^[^/]+\.dist-info\/(?:licenses\/|license_files\/)?([^/]+)$/;
/** Real ones have some lines; the interpreter reads longer ones all the same. */
const pathFileMaxChars = 1024 * 1024;
const pyprojectMaxChars = 1024 * 1024;

/** Wheels and source distributions. */
export const pypiInspection: Inspection = {
  type: 'pypi',
  readArchive: readDistribution,
  readPackage() {
    const metadataTexts = new Map<string, string | null>();
    const infoFolders = new Set<string>();
    const pathFiles = new Map<string, string | null>();
    const pythonFiles = new Map<string, PythonFile>();
    let build = noStatement;
    return {
      textLimitOf(path) {
        if (isMetadata(path)) return metadataMaxBytes;
        if (path === 'pyproject.toml') return pyprojectMaxChars;
        if (pythonFile.test(path)) return pythonMaxChars;
        return pathFile.test(path) ? pathFileMaxChars : 0;
      },
      licensePathOf: (path) => licenseFile.exec(path)?.[1] ?? null,
      readsCode: (path) => pythonFile.test(path),
      take(path, text) {
        if (pythonFile.test(path)) {
          const read = text === null ? null : readPythonFile(path, text);
          if (read) pythonFiles.set(path, read);
          return;
        }
        if (path === 'pyproject.toml') build = readBuildStatement(text);
        else if (pathFile.test(path)) pathFiles.set(path, text);
        else {
          metadataTexts.set(path, text);
          const folder = infoFile.exec(path)?.[1];
          if (folder !== undefined) infoFolders.add(folder);
        }
      },
      end(general) {
        const kind = infoFolders.size > 0 ? 'wheel' : 'sdist';
        const text = kind === 'sdist' ? metadataTexts.get('PKG-INFO') : wheelMetadata(metadataTexts);
        const metadata = typeof text === 'string' ? readCoreMetadata(text) : null;
        const contents: PypiContents = {
          ...general,
          kind,
          metadata,
          infoFolders: [...infoFolders],
          pathFiles: kind === 'wheel' ? pathFiles : new Map(),
          build,
        };
        const installed = installFiles(contents, pythonFiles);
        const hits = [...pythonFiles.values()].flatMap((file) => file.hits);
        return {
          manifest: manifestFor(contents),
          installFiles: () => installed,
          reachableFiles: () => new Set(contents.files.keys()),
          findings: () => [
            ...packageRules.flatMap((rule) => [...rule.check(contents)].map((hit) => toFinding(rule, hit))),
            ...pythonFindings(hits, installed),
          ],
        };
      },
    };
  },
};

function isMetadata(path: string): boolean {
  return path === 'PKG-INFO' || infoFile.test(path);
}

function wheelMetadata(texts: ReadonlyMap<string, string | null>): string | null {
  const [, text = null] = [...texts].find(([path]) => path.endsWith('.dist-info/METADATA')) ?? [];
  return text;
}

/** `build` among the scripts is how a source distribution is known in its report. */
function manifestFor({ metadata, kind, build }: PypiContents): PackageManifest | null {
  if (metadata === null) return null;
  const backend = build.backend ?? 'setuptools (setup.py)';
  return { ...manifestOf(metadata), scripts: kind === 'sdist' ? { build: backend } : {} };
}
