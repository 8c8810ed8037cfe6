import { printable } from '@sluice/contracts';
import type { Hit } from '@sluice/inspection/inspect';
import { allInstallCommands, installFiles } from '../install-files.ts';
import { checkCommand, checkFile } from './install-command.ts';
import type { NpmContents, NpmPackageRule } from '../contents.ts';

export const installScriptNetwork: NpmPackageRule = {
  id: 'malware.install-script-network',
  title: 'Uses the network at install',
  severity: 'high',
  tier: 'review',
  why: 'Nearly all malicious packages act at install, before anybody imports them: they fetch a second stage or send off what they find. Legitimate packages fetch prebuilt binaries, which a person can recognise by the address.',
  *check(contents: NpmContents): Iterable<Hit> {
    for (const { hook, command, manifestFile } of allInstallCommands(contents)) {
      const hit = checkCommand(command);
      if (hit) yield { file: manifestFile, excerpt: printable(`${hook}: ${command}`, 200), ...hit };
    }
    for (const file of [...installFiles(contents)].toSorted()) {
      const hit = checkFile(contents.files.get(file)?.signals ?? []);
      if (hit) yield { file, ...hit };
    }
  },
};
