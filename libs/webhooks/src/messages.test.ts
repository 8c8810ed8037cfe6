import { notificationTypes } from '@sluice/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cloudEvent, type PublicEvent } from './public-event.ts';
import { slackMessage } from './slack-message.ts';

const anEvent = (fields: Partial<PublicEvent> = {}): PublicEvent => ({
  id: '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11',
  type: 'decision.made',
  subject: 'pkg:npm/lodash@4.17.21',
  scope: 'default',
  occurredAt: new Date('2026-03-01T09:30:00.000Z'),
  sequence: 42,
  data: { decision: 'approved', by: 'mira', reason: 'needed' },
  ...fields,
});

it('a body is a CloudEvent whose sequence sorts as text', () => {
  expect(cloudEvent(anEvent())).toEqual({
    specversion: '1.0',
    id: '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11',
    source: '/sluice',
    type: 'decision.made',
    subject: 'pkg:npm/lodash@4.17.21',
    time: '2026-03-01T09:30:00.000Z',
    sequence: '0000000000000042',
    datacontenttype: 'application/json',
    data: { scope: 'default', decision: 'approved', by: 'mira', reason: 'needed' },
  });
  expect(cloudEvent(anEvent({ sequence: null }))).not.toHaveProperty('sequence');
});

describe('messages for chats', () => {
  const textsOf = (message: unknown) => [...JSON.stringify(message).matchAll(/"text":"((?:[^"\\]|\\.)*)"/g)];

  it('say what happened, with a text for programs that know no blocks', () => {
    const message = slackMessage(anEvent()) as { text: string; blocks: object[] };
    expect(message.text).toBe('pkg:npm/lodash@\u200b4.17.21 was approved by mira');
    expect(JSON.stringify(message.blocks)).toContain('Reason: needed');
  });

  it.each(notificationTypes)(
    'of type %s are made of any data, short, and neither mention nor link',
    (type) => {
      const value = fc.oneof(
        fc.string(),
        fc.constant('<!channel> @here <https://evil.example|click> &amp; `x`'),
      );
      fc.assert(
        fc.property(fc.dictionary(fc.string(), value), value, (data, subject) => {
          const subjects = Object.values(data);
          const message = slackMessage(
            anEvent({ type, subject, data: { reason: subject, ...data, subjects } }),
          );
          for (const [, text = ''] of textsOf(message)) {
            expect(text.length).toBeLessThanOrEqual(3_000);
            expect(text).not.toMatch(/[<>]|@(?!\u200b)|`/);
          }
          expect((message as { text: string }).text).not.toBe('');
        }),
      );
    },
  );

  it('of a very long text are cut between its signs', () => {
    const long = '&'.repeat(20_000);
    for (const [, text = ''] of textsOf(slackMessage(anEvent({ subject: long })))) {
      expect(text.length).toBeLessThanOrEqual(3_000);
      expect(text.replaceAll('&amp;', '')).not.toMatch(/&/);
    }
  });
});
