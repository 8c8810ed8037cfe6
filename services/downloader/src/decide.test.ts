import { downloadEvidenceSchema } from '@sluice/contracts';
import { cleanRegistry } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { decideDownload } from './decide.ts';
import type { Download } from './download-verified.ts';

const digests = { sha1: 'a', sha256: 'b', sha384: 'c', sha512: 'd' };
const verified = (verifiedWith: 'sha512' | 'sha384' | 'sha256' | 'sha1' | 'none'): Download => ({
  status: 'verified',
  artifactDigest: `sha256:${'a'.repeat(64)}`,
  sizeBytes: 7,
  digests,
  verifiedWith,
});

it.each([
  [verified('sha512'), { status: 'verified', weak: false, detail: null, sizeBytes: 7, digests }],
  [verified('sha256'), { status: 'verified', weak: false }],
  [verified('sha1'), { status: 'verified', weak: true }],
  [
    verified('none'),
    { status: 'verified', weak: true, detail: 'The registry states no hash to verify with.' },
  ],
  [{ status: 'missing' } as const, { status: 'missing', artifactDigest: null, digests: null }],
  [
    { status: 'integrity-failed', detail: 'why' } as const,
    { status: 'integrity-failed', detail: 'why', artifactDigest: null },
  ],
])('makes evidence of %j', (download, expected) => {
  const [file] = cleanRegistry().files;
  const evidence = decideDownload([{ file: file!, download }]);
  expect(downloadEvidenceSchema.parse(evidence)).toEqual(evidence);
  expect(evidence.files).toMatchObject([{ file: file!.file, kind: 'tarball', platform: null, ...expected }]);
});
