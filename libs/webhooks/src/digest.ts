import type { WebhookDigest } from '@sluice/contracts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Of a daily digest, in UTC: it is there when a day of work begins. */
const dailyHour = 6;

/** When a message is sent that waits for the others of its digest. Pure. */
export function digestTime(digest: WebhookDigest, at: Date): Date {
  if (digest === 'each') return at;
  const [everyMs, offsetMs] = digest === 'hourly' ? [hourMs, 0] : [dayMs, dailyHour * hourMs];
  return new Date(Math.floor((at.getTime() - offsetMs) / everyMs + 1) * everyMs + offsetMs);
}
