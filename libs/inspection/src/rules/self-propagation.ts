import type { Signal } from '../source/signal.ts';
import type { SourceFile } from '../source/source-file.ts';
import type { FileRule, Hit } from './rule.ts';

/** Further actions of a worm that a release tool does not take. */
const harvest =
  /maintainer:|\/-\/whoami|\/-\/npm\/v1\/tokens|_authToken|trufflehog|\/user\/repos\b|\/-\/v1\/search\?text=|\/-\/user\/|\bnpm\s+(?:whoami|access|token)\b/;
/** A manifest that was read gets another name, or a hook. */
const renamed = /(?:JSON\.parse\(\)|\?|package\.json)\.name$/;
const hooked = /\.scripts(?:\.(?:(?:pre|post)?install|prepare|prepublish))?$/;

export const selfPropagation: FileRule = {
  id: 'malware.self-propagation',
  title: 'Takes registry credentials, changes packages and publishes them',
  severity: 'critical',
  tier: 'review',
  tierAtInstall: 'block',
  why: 'A worm looks up what its victim may publish, adds itself, and publishes. Release tools publish too, but take the token as the registry client finds it, and keep the name and the hooks of the package. Look at what is changed before it is published, and whose token is used.',
  needs: [['publishes'], ['programs']],
  *check(file: SourceFile): Iterable<Hit> {
    const publishes = file.all('publish')[0] ?? file.all('spawn').find(isPublish);
    const library = file.facts?.calls.find(({ name }) => name === 'libnpmpublish.publish');
    if (!publishes) {
      if (library && file.has('write-file') && changesManifest(file)) yield { start: library.start };
      return;
    }
    const writes = file.has('write-file');
    const rewrites = writes && /package\.json/.test(file.text);
    const harvests = file.has('credential-file', 'credential-env') || harvest.test(file.text);
    const searches = harvest.test(file.text) && file.has('network', 'spawn');
    const { start } = publishes;
    if (rewrites && harvests && searches) yield { start, tier: 'block' };
    else if (searches || (rewrites && file.has('credential-file'))) yield { start };
    else if (rewrites && changesManifest(file))
      yield { start, title: 'Gives a package another name or hook, and publishes it' };
  },
};

function changesManifest(file: SourceFile): boolean {
  const assigned = file.facts?.assignments() ?? [];
  return assigned.some(({ name }) => renamed.test(name) || hooked.test(name));
}

function isPublish({ detail }: Signal): boolean {
  return /^(?:npm|pnpm|yarn|npx|bun)(?:\.cmd)?\s(?:.*\s)?publish\b/.test(detail);
}
