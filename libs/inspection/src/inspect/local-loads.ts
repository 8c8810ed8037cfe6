/** Bound on the memory kept for one file, against hostile ones. */
export const loadsMax = 2_000;

/**
 * Texts in quotes that can name a file: relative paths, and names with an ending. Programs are started by their name, so
 * names of scripts count anywhere in a text.
 */
const quoted = /(["'`])(\.{1,2}\/?|[\w@$./-]{0,200}\/[\w@$.-]{1,200}|[\w@$-][\w@$.-]{0,80}\.\w{1,10})\1/g;
const named = /[\s/=]([\w-][\w.-]{0,80}(?:\/[\w.-]{1,80}){0,6}\.(?:[cm]?[jt]s|sh|bash|ps1|bat|cmd|py))\b/g;
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
  for (const [, , load] of text.matchAll(quoted)) if (!add(load!)) return [...loads];
  for (const [, load] of text.matchAll(named)) if (!add(load!)) return [...loads];
  return [...loads];
}

/**
 * A copy of its own. A part of a text is only a view of it, and one path that is remembered would keep all of
 * its file in memory.
 */
export function detach(part: string): string {
  return Buffer.from(part, 'utf16le').toString('utf16le');
}
