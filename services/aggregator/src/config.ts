import { artifactsConfig, commonConfig, integerField, postgresConfig } from '@sluice/runtime';
import { z } from 'zod';

export const aggregatorConfig = z.object({
  ...commonConfig,
  ...postgresConfig,
  ...artifactsConfig,
  /** Policy document of the scope `default`; the default policy when not given. */
  POLICY_FILE: z.string().optional(),
  /** Document of the scopes beside `default`, each with its policy. */
  SCOPES_FILE: z.string().optional(),
  /**
   * How long an assessment may run, in seconds, before the reconciler looks whether its message was lost; where that may
   * still wait, it looks again after a quarter of it.
   */
  STAGE_DEADLINE_SECONDS: integerField(5, 86_400, 300),
  /** How often the reconciler looks, in seconds. */
  RECONCILE_SECONDS: integerField(1, 3_600, 15),
  /** Runs through the stages, the first one included, before an assessment is failed as stuck. */
  ASSESSMENT_ATTEMPTS: integerField(1, 100, 3),
  /**
   * Package versions of the bulk lane in flight at once, new and replayed ones, over all replicas. The others wait in
   * Postgres: all at once, a large request would stand before interactive ones in the order that the read models follow.
   */
  BULK_RUNNING: integerField(1, 100_000, 100),
});
export type AggregatorConfig = z.infer<typeof aggregatorConfig>;
