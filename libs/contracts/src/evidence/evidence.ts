import { z } from 'zod';
import type { Known } from '../known.ts';
import { downloadEvidenceSchema } from './download.ts';
import { licenseEvidenceSchema } from './license.ts';
import { registryEvidenceSchema } from './registry.ts';
import { scanEvidenceSchema } from './scan.ts';

/**
 * Facts that stages found, free of policy. Objects are loose so that a field that a newer stage adds survives an
 * older service. Missing evidence says so in the `status` of a file; it is never left out and never clean.
 */
export const evidenceSchemas = {
  registry: registryEvidenceSchema,
  license: licenseEvidenceSchema,
  download: downloadEvidenceSchema,
  scan: scanEvidenceSchema,
};

const evidenceSchema = z.looseObject(evidenceSchemas);
export type WholeEvidence = Known<z.infer<typeof evidenceSchema>>;

/** Evidence of an assessment under way: a part is absent until its stage has reported. */
export type Evidence = { [Part in keyof WholeEvidence]: WholeEvidence[Part] | null };

/** SHA-512, as hex, of the bytes that a file had when it was first assessed, by the file's name. */
export type FirstBytes = ReadonlyMap<string, string>;

/** Facts of the first assessment that hold for all later ones. */
export interface FirstSeen {
  bytes: FirstBytes;
  /** Fingerprint of the key that signed the first files of the package version's namespace; null where none was seen. */
  signer: string | null;
}

/** @returns the evidence if all its parts are there, else null. */
export function wholeEvidence(evidence: Partial<Evidence>): WholeEvidence | null {
  const { registry, license, download, scan } = evidence;
  return registry && license && download && scan ? { registry, license, download, scan } : null;
}
