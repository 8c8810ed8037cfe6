import { CommandVerdict } from './commands/command-verdict.ts';
import { judgeShell } from './commands/judge-command.ts';
import type { NpmContents, PackagePart } from './contents.ts';
import { installCommands } from './manifest.ts';
import { resolveFile } from './resolve-file.ts';

/** A command that npm runs when the package is installed, followed to everything that it leads to. */
export interface InstallHook {
  folder: string;
  manifestFile: string;
  /** Of the hook in the manifest; null where it is not found. */
  line: number | null;
  /** `postinstall` */
  hook: string;
  command: string;
  verdict: CommandVerdict;
  /** The archive's files that it runs. */
  files: string[];
}

/** Several rules ask about the same archive. */
const known = new WeakMap<NpmContents, Map<PackagePart, InstallHook[]>>();

/** The install hooks of a package and of all that are bundled with it. */
export function installHooks(contents: NpmContents): InstallHook[] {
  return contents.packages.flatMap((part) => hooksOf(contents, part));
}

/** The install hooks of one package of the archive. */
export function hooksOf(contents: NpmContents, part: PackagePart): InstallHook[] {
  const ofParts = known.get(contents) ?? new Map<PackagePart, InstallHook[]>();
  known.set(contents, ofParts);
  const hooks =
    ofParts.get(part) ?? installCommands(part.manifest).map((one) => followHook(contents, part, one));
  ofParts.set(part, hooks);
  return hooks;
}

function followHook(
  contents: NpmContents,
  { folder, manifest, hookLines }: PackagePart,
  { hook, command }: { hook: string; command: string },
): InstallHook {
  const scripts = manifest?.scripts ?? {};
  const scriptOf = (name: string) =>
    Object.hasOwn(scripts, name)
      ? [`pre${name}`, name, `post${name}`].flatMap((part) =>
          Object.hasOwn(scripts, part) ? scripts[part]! : [],
        )
      : [];
  const verdict = judgeShell(command, {
    isOutputRead: false,
    programsOf: () => [],
    hasFile: () => false,
    scriptOf,
    binOf: (name) => (manifest && Object.hasOwn(manifest.bin, name) ? manifest.bin[name]! : null),
  });
  const files = verdict.files.flatMap((file) => {
    const found = resolveFile(file, folder, contents);
    // A failure that the command expects is none: `node build || exit 0`.
    if (found === null) verdict.note(`Runs ${file}, which the archive does not have`);
    return found ?? [];
  });
  return {
    folder,
    manifestFile: `${folder}package.json`,
    line: hookLines[hook] ?? null,
    hook,
    command,
    verdict,
    files: [...new Set(files)],
  };
}
