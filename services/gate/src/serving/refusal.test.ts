import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { send } from './gate-request.ts';
import { asPhrase, renderRefusal } from './refusal.ts';

let message = '';
const server = createServer((incoming, outgoing) =>
  send(
    { incoming, outgoing },
    renderRefusal({ code: 'gate.held', message }, (text) => ({ 'x-notice': text })),
  ),
);
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
afterAll(() => void server.close());
const { port } = server.address() as AddressInfo;

it('any text can stand in a status line and in a header', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => {
      message = text;
      const [status, phrase] = await new Promise<[number?, string?]>((resolve, reject) => {
        get({ port, host: '127.0.0.1', agent: false }, (response) => {
          response.resume().on('end', () => resolve([response.statusCode, response.statusMessage]));
        }).on('error', reject);
      });
      expect(status).toBe(403);
      expect(phrase).toBe(asPhrase(text));
      expect(asPhrase(text).length).toBeLessThanOrEqual(200);
    }),
    { numRuns: 200 },
  );
});
