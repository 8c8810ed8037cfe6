import { printable } from '@sluice/contracts';
import type { Hit } from '@sluice/inspection/inspect';
import { gypBuilds } from '../gyp/gyp-builds.ts';
import { checkCommand } from './install-behaviour.ts';
import type { NpmContents, NpmPackageRule } from '../contents.ts';

/** Hits in one file; more tell nothing new. */
const hitsMax = 20;

export const gypCommand: NpmPackageRule = {
  id: 'malware.gyp-command',
  title: 'A gyp file runs a command',
  severity: 'high',
  tier: 'review',
  why: 'npm runs node-gyp for a binding.gyp without being told to, and gyp runs commands while it reads the file. Usual ones print a path; one that does more, or that cannot be read, acts at install as a script does.',
  *check(contents: NpmContents): Iterable<Hit> {
    const builds = new Map(gypBuilds(contents).map((build) => [build.file, build]));
    for (const [file, { shell, programs }] of contents.gyp) {
      const isAtInstall = builds.get(file)?.isAtInstall === true;
      const commands = [...shell, ...programs.map(commandLine)];
      const hits = commands.flatMap((command) =>
        checkCommand(command).map(({ hit }) => ({
          file,
          excerpt: printable(command, 200),
          ...(isAtInstall ? hit : { title: hit.title! }),
        })),
      );
      yield* hits.slice(0, hitsMax);
    }
    for (const { file, unclear } of builds.values()) {
      for (const why of unclear) yield { file, title: `A gyp file is not understood: ${why}` };
    }
  },
};

function commandLine(words: string[]): string {
  return words.map((word) => (/\s/.test(word) ? `"${word.replaceAll('"', '\\"')}"` : word)).join(' ');
}
