import type { SourceFacts } from './source-facts.ts';

const files = '(?:fs|fs\\.promises|fs/promises|fs-extra|graceful-fs|\\?[^()]*)';
const first = new RegExp(
  `^${files}\\.(?:writeFile|writeFileSync|createWriteStream|appendFile|appendFileSync|outputFile|outputFileSync|outputJson|writeJson|writeJsonSync)$|^fs\\.(?:promises\\.)?open(?:Sync)?$|^Deno\\.writeTextFile$|^Bun\\.write$`,
);
/** Copies and moves have their target second. */
const second = new RegExp(
  `^${files}\\.(?:copyFile|copyFileSync|cpSync|moveSync|rename|renameSync|symlink|symlinkSync|linkSync)$|^fs(?:\\.promises|/promises|-extra)?\\.(?:cp|copy|copySync|move|link)$`,
);

/** Methods of unknown objects that only `fs` has; other things have a `rename` as well. */
const telling = /(?:Sync|writeFile|appendFile|createWriteStream)$/;

/** A file that the code writes, copies, moves or links to. */
export interface ChangedPath {
  start: number;
  /** As far as the code tells it; `…` stands for the rest. */
  path: string;
  /** False where this is only one of the texts that the path is made of. */
  isWhole: boolean;
  /** What is written, copied or moved. */
  call: SourceFacts['calls'][number];
}

export function* changedPaths(facts: SourceFacts | null): Generator<ChangedPath> {
  for (const call of facts?.calls ?? []) {
    const index = first.test(call.name) ? 0 : second.test(call.name) ? 1 : null;
    if (index === null || (call.name.startsWith('?') && !telling.test(call.name))) continue;
    const flags = /open/.test(call.name) ? call.text(1)?.text : 'w';
    if (flags !== undefined && !/[wa+]/.test(flags)) continue;
    const whole = call.text(index)?.text;
    for (const path of call.textsOf(index)) yield { start: call.start, path, isWhole: path === whole, call };
  }
}
