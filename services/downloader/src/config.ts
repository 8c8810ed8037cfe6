import { artifactsConfig, commonConfig, integerField, listField, urlField } from '@sluice/runtime';
import { z } from 'zod';

export const downloaderConfig = z.object({
  ...commonConfig,
  ...artifactsConfig,
  /** The npm registry. It may have a private address and plain http: whoever configures it means it. */
  NPM_REGISTRY_URL: urlField('https', 'http'),
  /** Token for a registry that asks for one. */
  NPM_REGISTRY_TOKEN: z.string().optional(),
  /** Further hosts that archives may come from, with commas. */
  EGRESS_ALLOW_HOSTS: listField(),
  /** Package versions in work at once. */
  DOWNLOADER_CONCURRENCY: integerField(1, 256, 16),
  /** Largest archive that is taken in, in megabytes as it is sent. */
  DOWNLOAD_MAX_MB: integerField(1, 4_096, 512),
  /** How long one archive may take, in seconds. */
  DOWNLOAD_SECONDS: integerField(1, 3_600, 60),
});
export type DownloaderConfig = z.infer<typeof downloaderConfig>;
