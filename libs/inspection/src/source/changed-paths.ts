import type { SourceFacts } from './source-facts.ts';

const files = '(?:fs|fs\\.promises|fs/promises|fs-extra|graceful-fs|\\?[^()]*)';
const first = new RegExp(
  `^${files}\\.(?:writeFile|writeFileSync|createWriteStream|appendFile|appendFileSync|outputFile|outputFileSync|outputJson|writeJson|writeJsonSync)$|^fs\\.(?:promises\\.)?open(?:Sync)?$|^Deno\\.writeTextFile$|^Bun\\.write$`,
);
/** Copies and moves have their target second. */
const second = new RegExp(
  `^${files}\\.(?:copyFile|copyFileSync|cpSync|moveSync|rename|renameSync|symlink|symlinkSync|linkSync)$|^fs(?:\\.promises|/promises|-extra)?\\.(?:cp|copy|copySync|move|link)$`,
);

/** A file that the code writes, copies, moves or links to. */
export interface ChangedPath {
  start: number;
  /** As far as the code tells it; `…` stands for the rest. */
  path: string;
  /** False where the path is one of the texts that it is made of. */
  isExact: boolean;
  /** What is written, copied or moved. */
  call: SourceFacts['calls'][number];
}

export function* changedPaths(facts: SourceFacts | null): Generator<ChangedPath> {
  for (const call of facts?.calls ?? []) {
    const index = first.test(call.name) ? 0 : second.test(call.name) ? 1 : null;
    if (index === null) continue;
    const flags = /open/.test(call.name) ? call.text(1)?.text : 'w';
    if (flags !== undefined && !/[wa+]/.test(flags)) continue;
    const isExact = call.text(index)?.exact === true;
    for (const path of call.textsOf(index)) yield { start: call.start, path, isExact, call };
  }
}
