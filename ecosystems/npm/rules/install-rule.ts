import { printable } from '@sluice/contracts';
import type { Hit } from '@sluice/inspection/inspect';
import type { NpmContents, NpmPackageRule } from '../contents.ts';
import { installFiles } from '../install-files.ts';
import { installHooks, type InstallHook } from '../install-hooks.ts';
import { checkCommands, checkSignals, type InstallConcern, type InstallHit } from './install-behaviour.ts';

/**
 * A file that is further from the hook need not run, since all that could be loaded counts. Chains within it are still
 * judged by the general rules.
 */
const nearMax = 3;
/** Files of one concern that are listed, the nearest to the hook first. */
const hitsMax = 10;

/** A rule about one concern in the hooks of an archive: their commands, and the files that these run. */
export function installRule(
  concern: InstallConcern,
  head: Pick<NpmPackageRule, 'id' | 'title' | 'severity' | 'tier' | 'why'>,
): NpmPackageRule {
  return {
    ...head,
    *check(contents: NpmContents): Iterable<Hit> {
      for (const hook of installHooks(contents)) {
        const hits = checkCommands(hook.verdict, hook.files);
        yield* ofConcern(concern, hits).map((hit) => ({
          file: hook.manifestFile,
          excerpt: commandOf(hook),
          ...hit,
          line: hook.line,
        }));
      }
      const ofFiles = [...installFiles(contents)].flatMap(([file, steps]) => {
        const hits = ofConcern(concern, checkSignals(contents.files.get(file)?.signals ?? []));
        return hits.map((hit) => ({ ...hit, file, tier: steps > nearMax ? 'review' : hit.tier }) as const);
      });
      yield* ofFiles.slice(0, hitsMax);
    },
  };
}

/** A hook's command as it is shown. */
export function commandOf({ hook, command }: InstallHook): string {
  return printable(`${hook}: ${command}`, 200);
}

function ofConcern(concern: InstallConcern, hits: InstallHit[]): Hit[] {
  return hits.filter((one) => one.concern === concern).map(({ hit }) => hit);
}
