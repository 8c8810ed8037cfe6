import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageTarball } from '@sluice/testkit/fakes';

const file = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../../ecosystems/npm/fixtures/evidence/cases.json',
);

/** A harmless imitation of an attack, or honest code that looks like one. */
export interface EvidenceCase {
  id: string;
  /** `hook`, `theft`, …; `benign` for honest code. */
  kind: string;
  /** The least tier that one finding must have; `none` for no finding above `note`. */
  at: 'block' | 'review' | 'none';
  archive: Buffer;
}

interface WrittenCase {
  id: string;
  at: EvidenceCase['at'];
  files: Record<string, string | { base64: string }>;
}

export async function evidenceCases(): Promise<EvidenceCase[]> {
  const written = JSON.parse(await readFile(file, 'utf8')) as WrittenCase[];
  return written.map(({ id, at, files }) => {
    const contents = Object.entries(files).map(
      ([name, text]) => [name, typeof text === 'string' ? text : Buffer.from(text.base64, 'base64')] as const,
    );
    return {
      id,
      kind: id.split('.')[0]!,
      at,
      archive: packageTarball(Object.fromEntries(contents)),
    };
  });
}
