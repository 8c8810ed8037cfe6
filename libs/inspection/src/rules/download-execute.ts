import { meaningOf } from '../source/call-meanings.ts';
import { changedPaths } from '../source/changed-paths.ts';
import { decoderIn, downloadIn } from '../source/data-sources.ts';
import type { SourceFile } from '../source/source-file.ts';
import type { FileRule, Hit } from './rule.ts';

/** Shorter paths are part of too many others. */
const pathLengthMin = 4;

export const downloadExecute: FileRule = {
  id: 'malware.download-execute',
  title: 'Downloads a file and runs it',
  severity: 'medium',
  tier: 'note',
  tierAtInstall: 'block',
  why: 'Droppers fetch the second stage and start it. So do installers of native tools, from their own hosts; hence a note, unless the address is one that installers do not use, or the code runs the very file that it wrote. Look at the address, and whether the file is checked against a digest.',
  needs: [['changes', 'network'], ['changes', 'decoders'], ['programs']],
  *check(file): Iterable<Hit> {
    const dropped = findDropped(file);
    if (dropped) {
      yield { tier: 'review', severity: 'high', ...dropped };
      return;
    }
    const download = file.chain(['network'], ['write-file', 'chmod']);
    if (!download || !file.chain(['spawn'], ['write-file', 'chmod'])) return;
    const odd = file.chain(['raw-address', 'drop-site', 'drop-webhook'], ['network', 'spawn']);
    if (odd) {
      const title = `Downloads a file from ${odd.detail} and runs it`;
      yield { start: odd.start, tier: 'review', severity: 'critical', title };
    } else yield { start: download.start };
  },
};

/** A file that is written with what was downloaded or decoded, and then loaded or started under the same path. */
function findDropped(file: SourceFile): Hit | null {
  for (const { start, path, isWhole, call } of changedPaths(file.facts)) {
    if (!isWhole || path.replaceAll('…', '').length < pathLengthMin || !isRun(file, path)) continue;
    const content = call.madeOf(1);
    if (decoderIn(content)) return { start, title: 'Decodes a file and runs it' };
    const isStream =
      /createWriteStream/.test(call.name) && file.has('network') && /\.pipe\(|pipeline\(/.test(file.text);
    if (isStream || downloadIn(content)) return { start };
  }
  return null;
}

function isRun(file: SourceFile, path: string): boolean {
  return (file.facts?.calls ?? []).some(
    (call) =>
      (meaningOf(call.name) === 'spawn' && call.command().includes(path)) ||
      ((call.name === 'require' || call.name === 'import') && call.text(0)?.text === path),
  );
}
