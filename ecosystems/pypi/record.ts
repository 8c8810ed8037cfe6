/** One line of a wheel's RECORD: the digest that it states of a file, null where it states none. */
export interface RecordEntry {
  path: string;
  /** `sha256`, and the digest in base64 for addresses, without padding. */
  algorithm: string | null;
  digest: string | null;
  sizeBytes: number | null;
}

/** A line for each of the files that an archive may have, with room for their paths. */
export const recordMaxBytes = 16 * 1024 * 1024;

/** Reads RECORD, which is CSV. Source: PyPA, "Recording installed projects", the RECORD file. */
export function readRecord(text: string): RecordEntry[] {
  return text.split(/\r\n|\r|\n/).flatMap((line) => {
    if (line === '') return [];
    const [path = '', hash = '', size = ''] = readCells(line);
    const [, algorithm, digest] = /^(\w+)=([\w-]+)=*$/.exec(hash) ?? [];
    return [
      {
        path: path.replace(/^\.\//, ''),
        algorithm: algorithm?.toLowerCase() ?? null,
        digest: digest ?? null,
        sizeBytes: /^\d{1,15}$/.test(size) ? Number(size) : null,
      },
    ];
  });
}

function readCells(line: string): string[] {
  const cells: string[] = [];
  let rest = line;
  for (;;) {
    const [whole, quoted, plain = ''] = /^(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/.exec(rest) ?? [rest];
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    rest = rest.slice(whole.length);
    if (rest === '' || cells.length > 3) return cells;
  }
}
