import { artifactsConfig, commonConfig, postgresConfig } from '@sluice/runtime';
import { z } from 'zod';

export const projectorConfig = z.object({ ...commonConfig, ...postgresConfig, ...artifactsConfig });
export type ProjectorConfig = z.infer<typeof projectorConfig>;
