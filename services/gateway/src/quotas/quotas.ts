import type { Quota } from './take-quota.ts';

/** What has a quota. Each route that costs one names it as `x-quota`. */
export const quotaNames = [
  'submit',
  'refresh',
  'decide',
  'keys',
  'webhooks',
  'streams',
  'auth',
  'poll',
] as const;
export type QuotaName = (typeof quotaNames)[number];

export type Quotas = Readonly<Record<QuotaName, Quota>>;

/** Those that count by the address of who asks, since it is not known yet who that is. */
export const byAddress: ReadonlySet<QuotaName> = new Set(['auth', 'poll']);

/** Of the configuration: how often a minute or an hour. */
interface QuotaSettings {
  QUOTA_SUBMIT_PER_MINUTE: number;
  QUOTA_REFRESH_PER_HOUR: number;
  QUOTA_DECIDE_PER_MINUTE: number;
  QUOTA_KEYS_PER_HOUR: number;
  QUOTA_WEBHOOK_PER_MINUTE: number;
  QUOTA_STREAMS_PER_MINUTE: number;
  QUOTA_AUTH_PER_MINUTE: number;
}

const [minute, hour] = [60, 3_600];
/**
 * A minute's submissions at once are seconds of work in which those of others wait; a sixth of them in ten seconds is passed over within
 * parts of a second.
 */
const windowsAMinute = 6;
/** A command line polls every five seconds; as many may do so from one address as may begin. */
const pollsPerMinute = 12;

export function quotasOf(settings: QuotaSettings): Quotas {
  return {
    submit: {
      limit: Math.ceil(settings.QUOTA_SUBMIT_PER_MINUTE / windowsAMinute),
      windowSeconds: minute / windowsAMinute,
    },
    refresh: { limit: settings.QUOTA_REFRESH_PER_HOUR, windowSeconds: hour },
    decide: { limit: settings.QUOTA_DECIDE_PER_MINUTE, windowSeconds: minute },
    keys: { limit: settings.QUOTA_KEYS_PER_HOUR, windowSeconds: hour },
    webhooks: { limit: settings.QUOTA_WEBHOOK_PER_MINUTE, windowSeconds: minute },
    streams: { limit: settings.QUOTA_STREAMS_PER_MINUTE, windowSeconds: minute },
    auth: { limit: settings.QUOTA_AUTH_PER_MINUTE, windowSeconds: minute },
    poll: { limit: settings.QUOTA_AUTH_PER_MINUTE * pollsPerMinute, windowSeconds: minute },
  };
}
