import { registryConfig } from '@sluice/ecosystems/settings';
import { artifactsConfig, commonConfig, postgresConfig } from '@sluice/runtime';
import { z } from 'zod';

export const importerConfig = z.object({
  ...commonConfig,
  ...postgresConfig,
  ...artifactsConfig,
  /** An address below a registry in a lockfile needs no pin. Without registries every address does. */
  ...registryConfig,
});
export type ImporterConfig = z.infer<typeof importerConfig>;
