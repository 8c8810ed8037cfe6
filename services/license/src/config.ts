import { registryConfig, registrySecrets } from '@sluice/ecosystems/settings';
import { isTrustedRoot } from '@sluice/provenance';
import { artifactsConfig, commonConfig, egressConfig, integerField } from '@sluice/runtime';
import { z } from 'zod';

export const licenseConfig = z.object({
  ...commonConfig,
  ...artifactsConfig,
  ...registryConfig,
  ...registrySecrets,
  ...egressConfig,
  /** The authorities that vouch for attestations, as sigstore's trusted_root.json; those that are shipped unless set. */
  SIGSTORE_TRUSTED_ROOT: z
    .string()
    .refine(isTrustedRoot, 'must be the text of a trusted_root.json of sigstore')
    .optional(),
  /** Package versions in work at once. */
  LICENSE_CONCURRENCY: integerField(1, 256, 32),
});
export type LicenseConfig = z.infer<typeof licenseConfig>;
