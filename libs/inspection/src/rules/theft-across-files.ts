import type { SignalKind } from '../source/signal.ts';
import { connectedFiles, findLoaded } from './file-graph.ts';
import { isSupporting } from './supporting-files.ts';
import type { FileSummary, Hit, PackageContents, PackageRule } from './rule.ts';

export const theftSources: SignalKind[] = [
  'env-sweep',
  'credential-file',
  'metadata-address',
  'input-capture',
];
export const theftSinks: SignalKind[] = ['network', 'dns-built', 'sends-secret'];
/** Files that load each other and are together no longer than this are one thing. */
export const togetherMax = 24_000;

export const theftAcrossFiles: PackageRule = {
  id: 'malware.theft-across-files',
  title: 'Reads credentials in one file and sends them in another',
  severity: 'high',
  tier: 'review',
  why: 'What one file reads and another sends is theft as if both were in one: the pieces are put apart so that each looks like an ordinary library. Look at what the first file gives to the second.',
  *check({ files }: PackageContents): Iterable<Hit> {
    for (const [file, { signals }] of files) {
      const has = (module: string, kinds: SignalKind[]) =>
        hasSignal(files, findLoaded(module, file, files), kinds);
      for (const { kind, detail, line } of signals) {
        const [first = '', second] = detail.split(' ');
        const isTheft =
          (kind === 'gives-secret' && has(first, theftSinks)) ||
          (kind === 'passes-on' &&
            has(first, theftSources) &&
            (second === undefined || has(second, theftSinks)));
        if (!isTheft) continue;
        yield { file, line: line ?? null, title: describe(kind, detail) };
        return;
      }
    }
    yield* smallGroups(files);
  },
};

function* smallGroups(files: ReadonlyMap<string, FileSummary>): Generator<Hit> {
  for (const group of connectedFiles(files)) {
    const code = group.filter((file) => files.get(file)!.kind === 'source' && !isSupporting(file));
    const size = code.reduce((sum, file) => sum + files.get(file)!.sizeBytes, 0);
    const source = code.find((file) => hasSignal(files, file, theftSources));
    if (
      size > togetherMax ||
      !source ||
      !code.some((file) => file !== source && hasSignal(files, file, theftSinks))
    )
      continue;
    const signal = files.get(source)!.signals.find(({ kind }) => theftSources.includes(kind))!;
    yield { file: source, line: signal.line ?? null };
    return;
  }
}

function hasSignal(
  files: ReadonlyMap<string, FileSummary>,
  file: string | null,
  kinds: SignalKind[],
): boolean {
  const signals = (file && files.get(file)?.signals) || [];
  return signals.some(({ kind }) => kinds.includes(kind));
}

function describe(kind: SignalKind, detail: string): string {
  const [first, second] = detail.split(' ');
  if (kind === 'gives-secret') return `Reads credentials, which ${first} sends`;
  return second === undefined
    ? `Sends the credentials that ${first} reads`
    : `Gives the credentials that ${first} reads to ${second}, which sends them`;
}
