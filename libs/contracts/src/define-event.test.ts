import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeData, decodeEnvelope, defineEvent, makeEvent, subjectOf } from './define-event.ts';
import { PoisonError } from './errors.ts';
import { pkgRequested, requestCompleted } from './events.ts';
import { uuidV5 } from './ids.ts';

const time = new Date('2026-03-01T09:30:00.000Z');
const data = {
  assessmentId: uuidV5('a'),
  purl: 'pkg:npm/a@1.0.0',
  lane: 'bulk' as const,
  attempt: 1,
  requestedAt: time.toISOString(),
  deadlineAt: time.toISOString(),
};
const event = makeEvent(pkgRequested, {
  id: uuidV5('e'),
  source: 'aggregator',
  subject: data.purl,
  time,
  data,
});
const undecodable = expect.objectContaining({ name: 'PoisonError', code: 'message.undecodable' }) as Error;

describe('an event', () => {
  it('is a structured CloudEvent that says who sent it and which version it is', () => {
    expect(event).toMatchObject({
      specversion: '1.0',
      source: 'sluice/aggregator',
      type: 'pkg.requested',
      dataversion: 1,
    });
    expect(subjectOf('pkg.requested', 'bulk')).toBe('pkg.requested.bulk');
    expect(subjectOf('advisories.imported')).toBe('advisories.imported');
  });

  it('survives the trip as text and as bytes', () => {
    const text = JSON.stringify(event);
    expect(decodeData(pkgRequested, decodeEnvelope(text))).toEqual(event);
    expect(decodeData(pkgRequested, decodeEnvelope(Buffer.from(text)))).toEqual(event);
  });

  it('keeps fields that this version does not know, in the envelope and in the data', () => {
    const newer = { ...event, tracestate: 'x=1', data: { ...data, priority: 7, nested: { deep: [1] } } };
    expect(decodeData(pkgRequested, decodeEnvelope(JSON.stringify(newer)))).toEqual(newer);
  });
});

describe('what is no event', () => {
  it.each([
    ['nothing', ''],
    ['text', 'no event at all'],
    ['a JSON value', '42'],
    ['null', 'null'],
    ['another specversion', JSON.stringify({ ...event, specversion: '0.3' })],
    ['an id that is none', JSON.stringify({ ...event, id: 'one' })],
    ['a time that is none', JSON.stringify({ ...event, time: 'yesterday' })],
    ['a version that is none', JSON.stringify({ ...event, dataversion: 0 })],
    ['bytes that are no UTF-8', Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe])])],
  ])('%s is undecodable', (_, payload) => {
    expect(() => decodeEnvelope(payload)).toThrow(undecodable);
  });

  it('never throws anything but poison', () => {
    const near = fc.record(Object.fromEntries(Object.keys(event).map((key) => [key, fc.jsonValue()])), {
      requiredKeys: [],
    });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), near), (value) => {
        try {
          decodeData(pkgRequested, decodeEnvelope(JSON.stringify(value)));
        } catch (error) {
          expect(error).toBeInstanceOf(PoisonError);
        }
      }),
    );
  });
});

describe('data', () => {
  it('of a newer major version is told apart: the service is too old, the message is sound', () => {
    const newer = { ...event, dataversion: 2, data: { anything: true } };
    expect(() => decodeData(pkgRequested, newer)).toThrow(
      expect.objectContaining({ code: 'message.unknown-version' }) as Error,
    );
  });

  describe('of an earlier major version', () => {
    const next = defineEvent({
      type: 'pkg.requested',
      version: 2,
      publisher: 'aggregator',
      description: 'The same in other words.',
      schema: z.looseObject({ assessmentId: z.uuid(), subject: z.looseObject({ purl: z.string() }) }),
      upgrade: (old) => {
        const { purl, ...rest } = old as { purl?: string };
        if (purl === undefined) throw new TypeError('It has no purl.');
        return { ...rest, subject: { purl } };
      },
    });

    it('is read as if it were of this one', () => {
      const { purl, ...rest } = data;
      expect(decodeData(next, event).data).toEqual({ ...rest, subject: { purl } });
    });

    it.each([
      ['is damaged', next, { ...event, data: { assessmentId: data.assessmentId } }],
      ['nobody can upgrade', { ...next, upgrade: undefined }, event],
    ])('that %s is undecodable, and no defect', (_, definition, old) => {
      expect(() => decodeData(definition as typeof next, old)).toThrow(undecodable);
    });

    it('leaves data of this version alone', () => {
      const newer = {
        ...event,
        dataversion: 2,
        data: { assessmentId: data.assessmentId, subject: { purl: 'p' } },
      };
      expect(decodeData(next, newer)).toEqual(newer);
    });
  });

  it.each([
    ['of another type', { ...event, type: 'pkg.licensed' }],
    ['without a field', { ...event, data: { ...data, purl: undefined } }],
    ['with a field of the wrong kind', { ...event, data: { ...data, attempt: '1' } }],
    ['with a lane that is none', { ...event, data: { ...data, lane: 'express' } }],
    ['that is missing', { ...event, data: undefined }],
  ])('%s is undecodable', (_, wrong) => {
    expect(() => decodeData(pkgRequested, wrong)).toThrow(undecodable);
  });

  it('of counts names only outcomes that were counted', () => {
    const counts = { approve: 3 };
    const completed = { requestId: uuidV5('r'), lane: 'bulk', counts, completedAt: time.toISOString() };
    const decoded = decodeData(requestCompleted, { ...event, type: requestCompleted.type, data: completed });
    expect(decoded.data.counts).toEqual(counts);
  });
});
