/** Bound on the memory kept for one file, against hostile ones. */
export const loadsMax = 2_000;

/**
 * Texts in quotes that can name a file: relative paths, and names with an ending. Programs are started by their name, so
 * names of scripts count anywhere in a text.
 */
const quoted = /(["'`])([\w@$./-]{2,240})\1/g;
/** A folder alone is one only where it is loaded; a path is also put together of such. */
const folder = /\b(?:require|import|from)\s*\(?\s*["'`](\.{1,2}\/?)["'`]/g;
/** Looking for these first takes a tenth of the time, and most texts have none. */
const folders = ['"', "'", '`'].flatMap((quote) => [`.${quote}`, `./${quote}`]);
const fileName = /\/[\w@$.-]+$|^[\w@$.-]+\.\w{1,10}$/;
const scriptEnding = /\.(?:[cm]?[jt]s|sh|bash|ps1|bat|cmd|py)\b/g;
/** Characters of a path in front of its ending. */
const pathLengthMax = 160;
/** `path.join(__dirname, 'test', 'x.js')`, `__dirname + '/x'`. */
const joined = /\b__dirname\s*((?:[,+]\s*(?:"[^"\n]{0,100}"|'[^'\n]{0,100}'|`[^`$\n]{0,100}`)\s*){1,8})/g;

/** The files that a text may load or start, as written: `./lib/a`, `setup.js`. Each once. */
export function localLoads(text: string): string[] {
  const loads = new Set<string>();
  const add = (load: string): boolean => loads.add(detach(load)).size < loadsMax;
  for (const [, parts] of text.matchAll(joined)) {
    const path = [...parts!.matchAll(/["'`]([^"'`]*)["'`]/g)].map(([, part]) => part).join('/');
    if (!add(`./${path.replace(/^\/+/, '')}`)) return [...loads];
  }
  if (folders.some((name) => text.includes(name))) for (const [, load] of text.matchAll(folder)) add(load!);
  for (const [, , load] of text.matchAll(quoted)) if (fileName.test(load!) && !add(load!)) return [...loads];
  for (const { 0: ending, index } of text.matchAll(scriptEnding)) {
    const stem = /[\w-][\w./-]*$/.exec(text.slice(Math.max(0, index - pathLengthMax), index))?.[0];
    if (stem !== undefined && !add(stem + ending)) break;
  }
  return [...loads];
}

/**
 * A copy of its own. A part of a text is only a view of it, and one path that is remembered would keep all of
 * its file in memory.
 */
export function detach(part: string): string {
  return Buffer.from(part, 'utf16le').toString('utf16le');
}
