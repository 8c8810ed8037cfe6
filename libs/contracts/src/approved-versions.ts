import { z } from 'zod';
import { purlLengthMax } from './purl.ts';
import { scopeField } from './scope.ts';

/** Packages of one question: a client asks for a larger lockfile in parts. */
export const approvedPackagesMax = 1_000;

const input = z.object({
  scope: scopeField,
  /** Purls without version. */
  packages: z.array(z.string().max(purlLengthMax)).min(1).max(approvedPackagesMax),
});
export type ApprovedVersionsInput = z.infer<typeof input>;
const output = z.object({
  /** Only packages of which something is approved. */
  packages: z.array(z.object({ package: z.string(), versions: z.array(z.string()) })),
});
export type ApprovedVersionsOutput = z.infer<typeof output>;
/** A question rather than a command: which versions of packages may be installed now. */
export const approvedVersionsCommand = { service: 'aggregator', name: 'approved-versions', input, output };
