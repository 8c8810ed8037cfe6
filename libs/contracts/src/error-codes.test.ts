import { describe, expect, it } from 'vitest';
import { errorCodes } from './error-codes.ts';
import { PermanentError, ShutdownAbort, TransientError, errorCodeOf, isCoded } from './errors.ts';

describe('error codes', () => {
  it.each(Object.entries(errorCodes))('%s has a status, a title and a remedy', (code, entry) => {
    expect(code).toMatch(/^[a-z]+(?:[.-][a-z-]+)*$/);
    expect(entry.status).toBeGreaterThanOrEqual(400);
    expect(entry.status).toBeLessThan(600);
    expect(entry.title).toMatch(/^[A-Z].+\.$/);
    expect(entry.remedy).toMatch(/^[A-Z].+\.$/);
  });
});

describe('coded errors', () => {
  it('carry their code, a detail that defaults to the title, and their cause', () => {
    const cause = new Error('socket');
    const error = new TransientError('registry.unavailable', undefined, { cause, retryAfterMs: 5 });
    expect(error).toMatchObject({
      code: 'registry.unavailable',
      message: errorCodes['registry.unavailable'].title,
      cause,
      retryAfterMs: 5,
      host: undefined,
    });
    expect(new PermanentError('purl.invalid', 'why').message).toBe('why');
    expect(errorCodeOf(new ShutdownAbort())).toBe('shutdown');
  });

  it('are told from everything else', () => {
    for (const other of [new Error('x'), { code: 'purl.invalid' }, null, 'purl.invalid']) {
      expect(isCoded(other)).toBe(false);
      expect(errorCodeOf(other)).toBe('internal');
    }
  });
});
