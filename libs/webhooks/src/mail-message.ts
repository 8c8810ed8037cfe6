import { describe } from './describe.ts';
import type { PublicEvent } from './public-event.ts';

/** Mails say in their subject how much there is, and of a single message its type: names of packages may be secret. */
export function mailMessage(events: readonly Omit<PublicEvent, 'id'>[]): { subject: string; text: string } {
  const [first] = events;
  const subject =
    events.length === 1
      ? `Sluice: ${first!.type.replaceAll(/[.-]/g, ' ')}`
      : `Sluice: ${events.length} messages`;
  const parts = events.map((event) => {
    const { title, lines } = describe(event);
    return [title, `  ${event.occurredAt.toISOString()}`, ...lines.map((line) => `  ${line}`)].join('\n');
  });
  return { subject, text: `${parts.join('\n\n')}\n` };
}
