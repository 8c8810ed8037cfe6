import { Gauge } from 'prom-client';
import type { NotifierDeps } from '../deps.ts';

const waitingGauge = new Gauge({
  name: 'sluice_webhook_deliveries_waiting',
  help: 'Messages to webhooks that wait for their first or next try.',
});
const oldestGauge = new Gauge({
  name: 'sluice_webhook_oldest_due_seconds',
  help: 'How long the message has been due that is due the longest, of webhooks that are enabled and not paused.',
});
const failingGauge = new Gauge({
  name: 'sluice_webhooks_failing',
  help: 'Enabled webhooks whose receiver failed at the last try.',
});
const disabledGauge = new Gauge({
  name: 'sluice_webhooks_disabled',
  help: 'Webhooks that were disabled because of their receiver.',
});

/** Measures webhooks for the metrics. */
export async function reportWebhooks({ sql, now }: Pick<NotifierDeps, 'sql' | 'now'>): Promise<void> {
  const at = now();
  const [counts] = await sql<{ waiting: number; failing: number; disabled: number; oldest: number }[]>`
    select (select count(*)::int from deliveries where state = 'waiting') as waiting,
      count(*) filter (where failing_since is not null and disabled_at is null)::int as failing,
      count(*) filter (where disabled_code in ('webhook.gone', 'webhook.failing'))::int as disabled,
      coalesce(max(extract(epoch from ${at}::timestamptz - first.due_at)), 0)::float8 as oldest
    from webhooks w left join lateral (
      select due_at from deliveries d where d.webhook_id = w.id and d.state = 'waiting' and w.disabled_at is null
        and (w.paused_until is null or w.paused_until <= ${at}) and d.due_at <= ${at} order by due_at limit 1) as first on true`;
  waitingGauge.set(counts!.waiting);
  failingGauge.set(counts!.failing);
  disabledGauge.set(counts!.disabled);
  oldestGauge.set(counts!.oldest);
}
