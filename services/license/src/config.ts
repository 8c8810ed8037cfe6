import { artifactsConfig, commonConfig, integerField, listField, urlField } from '@sluice/runtime';
import { z } from 'zod';

export const licenseConfig = z.object({
  ...commonConfig,
  ...artifactsConfig,
  /** The npm registry. It may have a private address and plain http: whoever configures it means it. */
  NPM_REGISTRY_URL: urlField('https', 'http'),
  /** Token for a registry that asks for one. */
  NPM_REGISTRY_TOKEN: z.string().optional(),
  /** Further hosts that registries may redirect to, with commas. */
  EGRESS_ALLOW_HOSTS: listField(),
  /** Package versions in work at once. */
  LICENSE_CONCURRENCY: integerField(1, 256, 32),
});
export type LicenseConfig = z.infer<typeof licenseConfig>;
