import type { Decision, Release } from '@sluice/contracts';
import type { Assessment } from '../assessments/assessment.ts';

/** The assessment's part in a release. */
export type Released = Pick<Assessment, 'registry' | 'download' | 'requestedAt'>;

/**
 * What an approval lets be installed: the verified files of its assessment that it names. Older approvals name none, and
 * are about all of them. Pure.
 * @returns null for another decision, and without the evidence.
 */
export function releaseOf(
  { registry, download, requestedAt }: Released,
  { state, digests = [] }: Decision,
): Release | null {
  if (state !== 'approved' || registry === null || download === null) return null;
  const { publishedAt, metadataDigest, tagsDigest = null } = registry;
  return {
    publishedAt,
    metadataDigest,
    tagsDigest,
    gatheredAt: requestedAt.toISOString(),
    files: download.files.flatMap(
      ({ file, kind, platform, status, artifactDigest, sizeBytes, digests: of }) => {
        if (status !== 'verified' || artifactDigest === null || sizeBytes === null || of === null) return [];
        const isNamed = digests.length === 0 || digests.includes(`sha512:${of.sha512}`);
        return isNamed ? [{ file, kind, platform, artifactDigest, sizeBytes }] : [];
      },
    ),
  };
}
