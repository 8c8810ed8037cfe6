import { registryConfig, registrySecrets } from '@sluice/ecosystems/settings';
import { artifactsConfig, commonConfig, egressConfig, integerField } from '@sluice/runtime';
import { z } from 'zod';

export const licenseConfig = z.object({
  ...commonConfig,
  ...artifactsConfig,
  ...registryConfig,
  ...registrySecrets,
  ...egressConfig,
  /** Package versions in work at once. */
  LICENSE_CONCURRENCY: integerField(1, 256, 32),
});
export type LicenseConfig = z.infer<typeof licenseConfig>;
