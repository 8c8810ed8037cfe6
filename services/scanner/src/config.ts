import { artifactsConfig, commonConfig, egressConfig, integerField, postgresConfig } from '@sluice/runtime';
import { z } from 'zod';
import { defaultAdvisoriesUrl } from './advisories/start-advisory-refresh.ts';

export const scannerConfig = z.object({
  ...commonConfig,
  ...postgresConfig,
  ...artifactsConfig,
  /** Package versions in work at once. */
  SCANNER_CONCURRENCY: integerField(1, 256, 8),
  /** Sandbox processes at once; 0 for one per core. */
  SCANNER_CHILDREN: integerField(0, 64, 0),
  /** Processor time that one archive may take, in seconds; a large one gets a tenth more for each megabyte. */
  SCAN_SECONDS: integerField(1, 600, 30),
  /** Where OSV exports are, with `{ecosystem}` in place of OSV's name of an ecosystem; `off` for imports by hand only. */
  ADVISORIES_URL: z.union([z.literal('off'), z.url({ protocol: /^https?$/ })]).default(defaultAdvisoriesUrl),
  /** How often to ask for newer advisories, in minutes. */
  ADVISORIES_MINUTES: integerField(1, 10_080, 60),
  ...egressConfig,
});
export type ScannerConfig = z.infer<typeof scannerConfig>;
