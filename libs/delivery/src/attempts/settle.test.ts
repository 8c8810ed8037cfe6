import {
  PermanentError,
  PoisonError,
  ShutdownAbort,
  TransientError,
  errorCodes,
  type ErrorCode,
} from '@sluice/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fateOf, runBounded, type Fate } from './settle.ts';

const outage = new TransientError('registry.unavailable', 'down', { host: 'registry.example' });
const asked = new TransientError('registry.unavailable', 'down', {
  host: 'registry.example',
  retryAfterMs: 90_000,
});
const timeout = new TransientError('backend.timeout', 'late');
const permanent = new PermanentError('registry.version-not-found', 'gone');
const poison = new PoisonError('message.undecodable', 'junk');
const missing = new TransientError('artifact.missing', 'not here');
const corrupt = new PermanentError('artifact.corrupt', 'other bytes');
const defect = new TypeError('x is not a function');

const first = { attempt: 1, attemptsMax: 3, shuttingDown: false };
const last = { attempt: 3, attemptsMax: 3, shuttingDown: false };
const beyond = { attempt: 4, attemptsMax: 3, shuttingDown: false };
const stopping = { attempt: 3, attemptsMax: 3, shuttingDown: true };

describe('fateOf', () => {
  it.each<[string, unknown, typeof first, Partial<Fate>]>([
    ['poison at once', poison, first, { kind: 'dead' }],
    ['poison also while stopping', poison, stopping, { kind: 'dead' }],
    ['permanent at once', permanent, first, { kind: 'fail', code: 'registry.version-not-found' }],
    ['permanent also while stopping', permanent, stopping, { kind: 'fail' }],
    ['shutdown back at once', new ShutdownAbort(), first, { kind: 'retry', delayMs: 0, counted: false }],
    ['shutdown on the last attempt', new ShutdownAbort(), last, { kind: 'retry', counted: false }],
    ['whatever breaks while stopping', defect, stopping, { kind: 'retry', delayMs: 0, counted: false }],
    ['an outage while stopping', outage, stopping, { kind: 'retry', counted: false, outageHost: null }],
    ['an outage', outage, first, { kind: 'retry', counted: false, outageHost: 'registry.example' }],
    ['an outage on the last attempt', outage, last, { kind: 'retry', counted: false }],
    ['an outage beyond the last attempt', outage, beyond, { kind: 'retry', counted: false }],
    ['an outage that asks for time', asked, first, { kind: 'retry', delayMs: 90_000, retryAfterMs: 90_000 }],
    ['a passing fault', timeout, first, { kind: 'retry', counted: true, outageHost: null }],
    ['a passing fault at the end', timeout, last, { kind: 'exhausted', code: 'backend.timeout' }],
    ['a defect', defect, first, { kind: 'retry', counted: true }],
    ['a defect at the end', defect, last, { kind: 'exhausted', code: 'internal', detail: defect.message }],
    ['stored bytes that are not seen yet', missing, first, { kind: 'retry', counted: true }],
    ['stored bytes that stay away', missing, last, { kind: 'redo', code: 'artifact.missing' }],
    ['stored bytes that are damaged', corrupt, first, { kind: 'redo', code: 'artifact.corrupt' }],
    ['what is not even an error', 'text', last, { kind: 'exhausted', code: 'internal', detail: 'text' }],
    ['nothing at all', undefined, beyond, { kind: 'exhausted', code: 'internal' }],
  ])('%s', (_, error, count, expected) => {
    expect(fateOf(error, count)).toMatchObject(expected);
  });

  it('waits as long as the other side asked, and no shorter than its own backoff', () => {
    const soon = new TransientError('backend.timeout', 'late', { retryAfterMs: 1 });
    const fate = fateOf(soon, { ...first, retryBaseMs: 100 });
    expect(fate).toMatchObject({ kind: 'retry', counted: true });
    expect((fate as { delayMs: number }).delayMs).toBeGreaterThanOrEqual(50);
  });
});

const code = fc.constantFrom(...(Object.keys(errorCodes) as ErrorCode[]));
const anyError = fc.oneof(
  code.map((of) => new PoisonError(of)),
  code.map((of) => new PermanentError(of)),
  fc
    .record({ of: code, host: fc.option(fc.domain(), { nil: undefined }), wait: fc.nat(100_000) })
    .map(
      ({ of, host, wait }) =>
        new TransientError(of, undefined, { retryAfterMs: wait, ...(host ? { host } : {}) }),
    ),
  fc.constant(new ShutdownAbort()),
  fc.string().map((text) => new Error(text)),
  fc.anything(),
);
const anyCount = fc.record({
  attempt: fc.integer({ min: 1, max: 50 }),
  attemptsMax: fc.integer({ min: 1, max: 20 }),
  shuttingDown: fc.boolean(),
});

describe('every error, attempt and moment', () => {
  it('never acks a message that failed, and ends in bounded time', () => {
    fc.assert(
      fc.property(anyError, anyCount, (error, count) => {
        const fate = fateOf(error, count);
        expect(fate.kind).not.toBe('ack');
        if (fate.kind !== 'retry') return;
        expect(fate.delayMs).toBeGreaterThanOrEqual(0);
        expect(fate.delayMs).toBeLessThanOrEqual(100_000);
        // Only what does not count may be tried again beyond the limit.
        expect(!fate.counted || count.attempt < count.attemptsMax).toBe(true);
      }),
    );
  });

  it('names a host exactly where the outage is the host’s', () => {
    fc.assert(
      fc.property(anyError, anyCount, (error, count) => {
        const fate = fateOf(error, count);
        const isOutage = error instanceof TransientError && error.host !== undefined && !count.shuttingDown;
        expect(fate.kind === 'retry' && fate.outageHost !== null).toBe(isOutage);
        if (isOutage) expect(fate).toMatchObject({ counted: false });
      }),
    );
  });
});

describe('runBounded', () => {
  const never = () => new Promise<never>(() => {});
  const running = new AbortController().signal;

  it('gives the result of the work, and removes its listeners', async () => {
    await expect(runBounded(60_000, running, async () => 'done')).resolves.toBe('done');
    await expect(runBounded(60_000, running, () => Promise.reject(permanent))).rejects.toBe(permanent);
  });

  it('ends work that outlasts its deadline, also when it does not listen', async () => {
    await expect(runBounded(1, running, never)).rejects.toMatchObject({ code: 'backend.timeout' });
  });

  it('throws ShutdownAbort, not the error that the stopped work throws', async () => {
    const stop = new AbortController();
    const work = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('socket closed')));
        stop.abort();
      });
    await expect(runBounded(60_000, stop.signal, work)).rejects.toBeInstanceOf(ShutdownAbort);
  });

  it('does not begin when it is stopped already', async () => {
    let begun = false;
    const work = async () => void (begun = true);
    await expect(runBounded(60_000, AbortSignal.abort(), work)).rejects.toBeInstanceOf(ShutdownAbort);
    expect(begun).toBe(false);
  });
});
