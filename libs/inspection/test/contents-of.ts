import { FilesPutOff } from '../src/inspect/files-put-off.ts';
import { inspectFile } from '../src/inspect/inspect-file.ts';
import type { FileSummary, PackageContents } from '../src/rules/rule.ts';

/** The contents of a package with these files, as rules over all of an archive see them. */
export function contentsOf(files: Record<string, string | Buffer>): PackageContents {
  const summaries = new Map<string, FileSummary>();
  const putOff = new FilesPutOff();
  for (const [path, text] of Object.entries(files)) {
    const bytes = Buffer.from(text as string);
    const sink = inspectFile(
      { path, sizeBytes: bytes.length, mode: 0o644 },
      { textLimit: 0 },
      ({ summary, later }) => {
        summaries.set(path, summary);
        if (later) putOff.add(path, later);
      },
    );
    sink.write(bytes);
    sink.end();
  }
  for (const [path, { summary }] of putOff.between(summaries)) summaries.set(path, summary);
  return { notes: [], files: summaries };
}
