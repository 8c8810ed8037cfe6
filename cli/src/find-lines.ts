import type { ReportItem } from '@sluice/api';

/** Places of one item that are looked for; each package version has few. */
const placesMax = 3;

/**
 * Lines of a file at which its items begin, for reports that point there. Lockfiles write the place of an entry as a key, in quotes or
 * at the beginning of a line; other files name the package. Where neither is found, the line is not known.
 * @returns for each item its line, from 1, or undefined.
 */
export function findLines(
  content: Buffer,
  items: readonly Pick<ReportItem, 'name' | 'version' | 'purl' | 'paths'>[],
): (number | undefined)[] {
  const byText = new Map<string, number>();
  content
    .toString('utf8')
    .split('\n')
    .forEach((line, index) => {
      for (const text of keysOf(line)) if (!byText.has(text)) byText.set(text, index + 1);
    });
  return items.map(({ name, version, purl, paths }) => {
    const [, numbered] = /^line (\d+)$/.exec(paths[0] ?? '') ?? [];
    if (numbered !== undefined) return Number(numbered);
    const wanted = [...paths.slice(0, placesMax), purl ?? '', `${name}@${version ?? ''}`, name];
    return wanted.flatMap((text) => byText.get(text) ?? []).at(0);
  });
}

/** Texts in quotes of a line, and a key at its beginning. A lockfile on one line has its entries all there. */
function keysOf(line: string): string[] {
  const bounded = line.slice(0, 2_000);
  const quoted = [...bounded.matchAll(/["']([^"']{1,300})["']/g)].map(([, text]) => text!);
  const bare = /^\s*([^\s"'#][^\s:"']*(?:@[^\s:"']+)?):?(?:\s|$)/.exec(bounded)?.[1];
  return bare === undefined ? quoted : [...quoted, bare.replace(/:$/, '')];
}
