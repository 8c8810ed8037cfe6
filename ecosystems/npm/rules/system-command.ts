import { printable } from '@sluice/contracts';
import type { Hit } from '@sluice/inspection/inspect';
import type { NpmContents, NpmPackageRule } from '../contents.ts';

/** Commands of systems, shells and package managers that scripts call by their name alone. */
const commands = new Set(
  `sh bash zsh dash fish cmd powershell pwsh ls cp mv rm rmdir mkdir cat cd echo env touch ln chmod chown dd df du head tail
   sort cut tr sed awk grep find xargs tar gzip unzip zip which where type date kill ps top whoami id sudo su ssh scp sftp
   rsync curl wget nc ping dig nslookup openssl gpg git svn hg make cmake gcc g++ cc c++ clang ld ar nm strip python python2
   python3 pip pip3 ruby gem perl php java javac go cargo rustc dotnet docker podman kubectl helm terraform aws az gcloud
   vi vim nano less more open node nodejs npm npx yarn yarnpkg pnpm pnpx bun bunx deno corepack node-gyp crontab systemctl
   mount test printf read source sleep tee patch diff file man ifconfig ip`
    .trim()
    .split(/\s+/),
);
/** Packages that are these programs. */
const owners: Record<string, readonly string[]> = {
  npm: ['npm', 'npx'],
  yarn: ['yarn', 'yarnpkg'],
  '@yarnpkg/cli-dist': ['yarn', 'yarnpkg'],
  pnpm: ['pnpm', 'pnpx'],
  '@pnpm/exe': ['pnpm'],
  corepack: ['corepack', 'npm', 'npx', 'pnpm', 'pnpx', 'yarn', 'yarnpkg'],
  bun: ['bun', 'bunx'],
  npx: ['npx'],
};

export const systemCommand: NpmPackageRule = {
  id: 'malware.system-command',
  title: 'Installs a program under the name of a system command',
  severity: 'high',
  tier: 'review',
  why: 'Scripts find the programs of installed packages before those of the system, so that the next `git` or `node` in a script is this one. Look at what the program does, and whether it passes on to the real one.',
  *check({ packages }: NpmContents): Iterable<Hit> {
    for (const { folder, manifest } of packages) {
      if (!manifest) continue;
      const own = [...(owners[manifest.name ?? ''] ?? []), manifest.name];
      for (const [name, file] of Object.entries(manifest.bin)) {
        if (!commands.has(name.toLowerCase()) || own.includes(name)) continue;
        const title = `Installs a program under the name of the command ${name}`;
        yield { file: `${folder}package.json`, title, excerpt: printable(`bin: ${name}: ${file}`, 200) };
      }
    }
  },
};
