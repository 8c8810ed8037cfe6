import type { FileRule, Hit } from './rule.ts';

export const downloadExecute: FileRule = {
  id: 'malware.download-execute',
  title: 'Downloads a file and runs it',
  severity: 'medium',
  tier: 'note',
  why: 'Droppers fetch the second stage and start it. So do installers of native tools, from their own hosts; hence a note, unless the address is one that installers do not use.',
  *check(file): Iterable<Hit> {
    const download = file.chain(['network'], ['write-file', 'chmod']);
    if (!download || !file.chain(['spawn'], ['write-file', 'chmod'])) return;
    const odd = file.chain(['raw-address', 'drop-site', 'drop-webhook'], ['network', 'spawn']);
    if (odd) {
      const title = `Downloads a file from ${odd.detail} and runs it`;
      yield { start: odd.start, tier: 'review', severity: 'critical', title };
    } else yield { start: download.start };
  },
};
