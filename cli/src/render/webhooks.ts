import type { ShownDelivery, ShownDeliveryDetail, ShownWebhook } from '@sluice/api';
import { printable } from './printable.ts';
import { renderColumns } from './requests.ts';

const time = (text: string): string => text.slice(0, 19).replace('T', ' ');

const stateOf = ({ state, disabled, pausedUntil, failingSince }: ShownWebhook): string => {
  if (disabled) return `${state}: ${disabled.code}`;
  if (failingSince === null) return state;
  return `failing since ${time(failingSince)}${pausedUntil === null ? '' : `, paused until ${time(pausedUntil)}`}`;
};

/** A webhook a line. Pure. */
export function renderWebhooks(webhooks: readonly ShownWebhook[]): string {
  if (webhooks.length === 0) return 'There are no webhooks yet.\n';
  const rows = webhooks.map((webhook) => [
    printable(webhook.name),
    webhook.scope ?? 'all',
    webhook.format,
    printable(webhook.url),
    stateOf(webhook),
    String(webhook.waiting),
  ]);
  return `${renderColumns([['webhook', 'scope', 'format', 'address', 'state (UTC)', 'waiting'], ...rows])}\n`;
}

/** Pure. */
export function renderWebhook(webhook: ShownWebhook): string {
  const { id, name, scope, url, format, types, disabled, armedAt, lastDeliveredAt, waiting } = webhook;
  const { previousSecretUntil } = webhook;
  const lines = [
    `Webhook ${name} (${id}), ${stateOf(webhook)}`,
    `Address: ${url} (${format})`,
    `For: ${types.length === 0 ? 'all types' : types.join(', ')}, ${scope === null ? 'all scopes' : `the scope ${scope}`}`,
    `Armed at: ${armedAt}`,
    `Last delivered at: ${lastDeliveredAt ?? 'never'}`,
    `Waiting: ${waiting}`,
    ...(disabled === null ? [] : [`Disabled at ${disabled.at}: ${disabled.detail}`]),
    ...(previousSecretUntil === null ? [] : [`The secret before signs as well until ${previousSecretUntil}`]),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

/** The secret of a webhook, which is seen this once. Pure. */
export function renderSecret({ id, secret }: ShownWebhook & { secret: string | null }): string {
  if (secret === null) return `Webhook ${id}\n`;
  return `${secret}\n\nWebhook ${id}\nThe secret is shown this once.\n`;
}

/** A delivery a line, newest first. Pure. */
export function renderDeliveries(deliveries: readonly ShownDelivery[]): string {
  if (deliveries.length === 0) return 'There are no deliveries.\n';
  const rows = deliveries.map(
    ({ id, type, subject, state, tries, createdAt, nextTryAt, lastError, lastStatus }) => [
      id,
      time(createdAt),
      type,
      printable(subject),
      state,
      String(tries),
      nextTryAt === null ? '-' : time(nextTryAt),
      printable(lastError ?? (lastStatus === null ? '-' : String(lastStatus))),
    ],
  );
  const heading = ['delivery', 'since (UTC)', 'type', 'about', 'state', 'tries', 'next try', 'last answer'];
  return `${renderColumns([heading, ...rows])}\n`;
}

/** A delivery with its body and the answers, which are a stranger's text. Pure. */
export function renderDelivery({ id, type, state, body, log }: ShownDeliveryDetail): string {
  const lines = [
    `Delivery ${id} of ${type}: ${state}`,
    body,
    ...log.flatMap(({ number, at, durationMs, status, error, response }) => [
      `Try ${number} at ${at}, ${durationMs} ms: ${error ?? status ?? '-'}`,
      ...(response ? [`  ${response}`] : []),
    ]),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}
