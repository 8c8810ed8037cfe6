import { describe } from './describe.ts';
import type { PublicEvent } from './public-event.ts';

/** Limits of Slack's blocks, with room for escaped signs. */
const textMaxChars = 2_900;
const linesMax = 25;

/**
 * A message for an incoming webhook of Slack, and of programs that take its form. Pure.
 * Source: Slack's documentation of incoming webhooks and of "Formatting text for app surfaces".
 */
export function slackMessage(event: Omit<PublicEvent, 'id'>): Record<string, unknown> {
  const { title, lines } = describe(event);
  const shown = lines.slice(0, linesMax).map(plainText);
  return {
    text: cut(plainText(title)),
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: cut(`*${plainText(title).replaceAll('*', '∗')}*`) } },
      ...(shown.length === 0
        ? []
        : [{ type: 'context', elements: [{ type: 'mrkdwn', text: cut(shown.join('\n')) }] }]),
    ],
    unfurl_links: false,
    unfurl_media: false,
  };
}

/** Keeps words of strangers from being markup: links and mentions by `<`, and the bare `@channel` that some programs obey. */
function plainText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '@\u200b')
    .replaceAll('`', 'ˋ');
}

/** No entity is cut in the middle. */
function cut(text: string): string {
  return text.length <= textMaxChars ? text : `${text.slice(0, textMaxChars).replace(/&[a-z]*$/, '')}…`;
}
