import { registryConfig, registrySecrets } from '@sluice/ecosystems/settings';
import { artifactsConfig, commonConfig, egressConfig, integerField } from '@sluice/runtime';
import { z } from 'zod';

export const downloaderConfig = z.object({
  ...commonConfig,
  ...artifactsConfig,
  ...registryConfig,
  ...registrySecrets,
  ...egressConfig,
  /** Package versions in work at once. */
  DOWNLOADER_CONCURRENCY: integerField(1, 256, 16),
  /** Largest archive that is taken in, in megabytes as it is sent. */
  DOWNLOAD_MAX_MB: integerField(1, 4_096, 512),
  /** How long one archive may take, in seconds. */
  DOWNLOAD_SECONDS: integerField(1, 3_600, 60),
});
export type DownloaderConfig = z.infer<typeof downloaderConfig>;
