/** Stable reasons for evidence of status `unscannable`; docs/policy.md explains each. */
export const archiveRefusals = [
  'archive.empty',
  'archive.not-an-archive',
  'archive.unsupported-format',
  'archive.damaged',
  'archive.truncated',
  'archive.ambiguous',
  'archive.invalid-size',
  'archive.oversized-header',
  'archive.unsupported-entry',
  'archive.unsupported-extension',
  'archive.special-file',
  'archive.link-escape',
  'archive.path-traversal',
  'archive.absolute-path',
  'archive.backslash-path',
  'archive.path-invalid',
  'archive.path-too-long',
  'archive.path-too-deep',
  'archive.too-many-files',
  'archive.file-too-large',
  'archive.too-large',
  'archive.ratio-exceeded',
] as const;
export type ArchiveRefusal = (typeof archiveRefusals)[number];

/** The whole archive is refused: it is hostile, damaged or beyond the limits. A result, not a failure of the scan. */
export class ArchiveRefused extends Error {
  override readonly name = 'ArchiveRefused';
  readonly reason: ArchiveRefusal;
  constructor(reason: ArchiveRefusal, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.reason = reason;
  }
}
