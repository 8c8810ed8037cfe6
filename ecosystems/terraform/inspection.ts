import { toFinding, type Inspection, type PackageManifest } from '@sluice/inspection/inspect';
import type { ProviderContents } from './archive/contents.ts';
import { readProgramName } from './archive/programs.ts';
import { readProvider } from './archive/read-archive.ts';
import { packageRules } from './rules/package-rules.ts';

/** Zips of providers: a program, and the texts beside it. */
export const terraformInspection: Inspection = {
  type: 'terraform',
  readArchive: readProvider,
  readPackage: () => ({
    // Programs have no text to take; license files are found by their names.
    textLimitOf: () => 0,
    take() {},
    end(general) {
      const programs = [...general.files.keys()].flatMap((path) => readProgramName(path) ?? []);
      const contents: ProviderContents = { ...general, programs };
      const started = new Set(programs.map(({ path }) => path));
      return {
        manifest: manifestOf(contents),
        installFiles: () => new Set(),
        reachableFiles: () =>
          new Set([...general.files.keys()].filter((path) => started.has(path) || !isProse(path))),
        findings: () =>
          packageRules.flatMap((rule) => [...rule.check(contents)].map((hit) => toFinding(rule, hit))),
      };
    },
  }),
};

function isProse(path: string): boolean {
  return /\.(?:md|txt)$/i.test(path);
}

/** A provider states itself by the name of its program alone; its namespace is nowhere in the archive. */
function manifestOf({ programs, files }: ProviderContents): PackageManifest | null {
  const [program] = programs;
  if (!program) return null;
  const executables = [...files].flatMap(([path, { kind, format }]) =>
    kind === 'executable' && format !== null ? [[path, format] as const] : [],
  );
  return {
    name: program.type,
    version: program.version,
    scripts: {},
    dependencies: {},
    optionalDependencies: {},
    peerDependencies: {},
    main: null,
    bin: { [program.type]: program.path },
    entryPoints: programs.map(({ path }) => path),
    executables: Object.fromEntries(executables),
  };
}
