/** Bounds on one archive; one that exceeds a maximum is refused as a whole. */
export interface ArchiveLimits {
  unpackedSizeMaxBytes: number;
  /** Files above are noted with their digest. They are read like all others: text in pieces, programs by their head. */
  largeFileBytes: number;
  entryCountMax: number;
  /** Unpacked bytes per compressed byte. */
  ratioMax: number;
  /** The ratio says nothing about small archives: a few kilobytes of repeated text reach 1000:1. */
  ratioFloorBytes: number;
  pathMaxBytes: number;
  depthMax: number;
}

const megabyte = 1024 * 1024;

/** The largest packages in use unpack to about 300 MB in 40,000 files; bombs are orders of magnitude beyond. */
export const defaultArchiveLimits: ArchiveLimits = {
  unpackedSizeMaxBytes: 512 * megabyte,
  largeFileBytes: 128 * megabyte,
  entryCountMax: 50_000,
  ratioMax: 100,
  ratioFloorBytes: 16 * megabyte,
  pathMaxBytes: 4096,
  depthMax: 128,
};
