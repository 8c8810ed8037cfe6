import type { FileRule, Hit } from './rule.ts';

/** Further actions of a worm that a release tool does not take. */
const harvest =
  /maintainer:|\/-\/whoami|\/-\/npm\/v1\/tokens|_authToken|trufflehog|\/user\/repos\b|\/-\/v1\/search\?text=/;

export const selfPropagation: FileRule = {
  id: 'malware.self-propagation',
  title: 'Takes registry credentials, changes packages and publishes them',
  severity: 'critical',
  tier: 'review',
  tierAtInstall: 'block',
  why: 'A worm looks up what its victim may publish, adds itself, and publishes. Release tools publish too, but take the token as the registry client finds it.',
  *check(file): Iterable<Hit> {
    const publishes = file.all('publish')[0] ?? spawnsPublish(file);
    if (!publishes) return;
    const rewrites = file.has('write-file') && /package\.json/.test(file.text);
    const harvests = file.has('credential-file', 'credential-env') || harvest.test(file.text);
    const searches = harvest.test(file.text) && file.has('network');
    if (rewrites && harvests && searches) yield { start: publishes.start, tier: 'block' };
    else if (searches || (rewrites && file.has('credential-file'))) yield { start: publishes.start };
  },
};

function spawnsPublish(file: Parameters<FileRule['check']>[0]) {
  return file.facts?.calls.find(
    (call) =>
      /^(?:child_process\.|cross-spawn|execa)/.test(call.name) &&
      /^(?:npm|pnpm|yarn)(?:\.cmd)?$/.test(call.text(0)?.text ?? '') &&
      call.someArgument((node) => node.type === 'Literal' && node.value === 'publish'),
  );
}
