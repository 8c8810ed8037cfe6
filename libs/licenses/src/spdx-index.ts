import { buildSpdxIndex, type LicenseIndex } from './license-index.ts';
import { readPreparedIndex } from './prepared-index.ts';

let loaded: LicenseIndex | undefined;

/** The index over the SPDX list: as the build prepared it, else built at first use, which takes a third of a second. */
export function licenseIndex(): LicenseIndex {
  return (loaded ??= readPreparedIndex() ?? buildSpdxIndex());
}
