import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { TransientError } from '@sluice/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resumedBody } from './resumed-body.ts';

const { signal } = new AbortController();
const broken = () => new TransientError('egress.broken-off', 'h: the answer broke off in the middle.');

/** A body that breaks off after some bytes, or ends with them. */
function bodyOf(bytes: Uint8Array, isBroken: boolean, error: Error = broken()): Readable {
  return Readable.from(
    (async function* () {
      for (let at = 0; at < bytes.length; at += 3) yield bytes.subarray(at, at + 3);
      if (isBroken) throw error;
    })(),
    { objectMode: false },
  );
}
/** The parts of a body that breaks off at some places. */
function partsOf(bytes: Uint8Array, breaks: number[]) {
  const asked: number[] = [];
  const from = (start: number) => {
    const end = breaks[asked.length];
    return bodyOf(bytes.subarray(start, end), end !== undefined);
  };
  const ask = async (start: number) => {
    asked.push(start);
    return from(start);
  };
  return { asked, first: from(0), ask };
}

describe('a body that breaks off', () => {
  it('is what was sent, wherever it breaks', async () => {
    const breaksOf = fc.uniqueArray(fc.integer({ min: 1, max: 58 }), { maxLength: 4 });
    const isWhole = async (bytes: Uint8Array, places: number[]) => {
      const breaks = places.filter((at) => at < bytes.length).toSorted((a, b) => a - b);
      const { first, ask, asked } = partsOf(bytes, breaks);
      expect([...(await buffer(resumedBody(first, ask, signal)))]).toEqual([...bytes]);
      expect(asked).toEqual(breaks);
    };
    const sent = fc.uint8Array({ minLength: 1, maxLength: 60 });
    await fc.assert(fc.asyncProperty(sent, breaksOf, isWhole), { numRuns: 8 });
  });

  it('too often is given up', async () => {
    const bytes = Buffer.alloc(50, 7);
    const { first, ask, asked } = partsOf(bytes, [3, 6, 9, 12, 15, 18, 21]);
    await expect(buffer(resumedBody(first, ask, signal))).rejects.toMatchObject({
      code: 'egress.broken-off',
    });
    expect(asked).toHaveLength(5);
  });

  it('is given up when a part brings nothing, there are no parts, or it is another one by now', async () => {
    const bytes = Buffer.alloc(9, 7);
    const { first, ask, asked } = partsOf(bytes, [6, 6, 9]);
    await expect(buffer(resumedBody(first, ask, signal))).rejects.toMatchObject({
      code: 'egress.broken-off',
    });
    expect(asked).toEqual([6]);
    const none = resumedBody(bodyOf(bytes, true), async () => null, signal);
    await expect(buffer(none)).rejects.toMatchObject({ code: 'egress.broken-off' });
  });

  it('fails as the request for the rest does, and as anything else than a break', async () => {
    const outage = new TransientError('registry.unavailable', 'h: status 503.', { host: 'h' });
    const bytes = Buffer.alloc(9, 7);
    const away = resumedBody(bodyOf(bytes, true), () => Promise.reject(outage), signal);
    await expect(buffer(away)).rejects.toBe(outage);
    const slow = resumedBody(bodyOf(bytes, true, outage), () => Promise.reject(broken()), signal);
    await expect(buffer(slow)).rejects.toBe(outage);
  });
});

function deferred<Value>() {
  let resolve!: (value: Value) => void;
  const promise = new Promise<Value>((settle) => void (resolve = settle));
  return { promise, resolve };
}

it('a reader that goes away closes what is read, and what is only being asked for', async () => {
  const first = new PassThrough();
  const whole = resumedBody(first, async () => null, signal);
  whole.destroy();
  await new Promise((resolve) => first.once('close', resolve));
  const asked = deferred<void>();
  const rest = new PassThrough();
  const answer = deferred<Readable>();
  const other = resumedBody(
    bodyOf(Buffer.alloc(9, 7), true),
    () => {
      asked.resolve();
      return answer.promise;
    },
    signal,
  );
  other.resume();
  await asked.promise;
  other.destroy();
  answer.resolve(rest);
  await new Promise((resolve) => rest.once('close', resolve));
});

it('stops with its signal', async () => {
  const stopping = new AbortController();
  const asked: number[] = [];
  const ask = async (from: number) => {
    asked.push(from);
    stopping.abort(new Error('stopping'));
    return bodyOf(Buffer.alloc(9, 7), true);
  };
  const whole = resumedBody(bodyOf(Buffer.alloc(9, 7), true), ask, stopping.signal);
  await expect(buffer(whole)).rejects.toThrow('stopping');
  expect(asked).toEqual([9]);
});
