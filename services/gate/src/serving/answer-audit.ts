import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { sendCommand } from '@sluice/broker';
import { matchAdvisoriesCommand, PermanentError, TransientError } from '@sluice/contracts';
import type { GateDeps } from '../deps.ts';
import { send, type GateRequest } from './gate-request.ts';
import type { Refusal } from './refusal.ts';

const unpack = promisify(gunzip);
/** The tree of a lockfile with 5,000 packages has some megabytes. */
const bodyMaxBytes = 16 * 1024 * 1024;

/**
 * Answers which of a client's packages have known vulnerabilities, from Sluice's own copy of the advisories: what an organisation
 * has installed is told to nobody outside.
 * @returns the refusal of a body that cannot be read.
 * @throws TransientError while the scanner is away or has no advisories: silence would say that there are none.
 */
export async function answerAudit(
  request: GateRequest,
  form: string,
  { bus }: GateDeps,
): Promise<Refusal | null> {
  const { facade, incoming } = request;
  if (!facade.audit || incoming.method !== 'POST')
    return { code: 'gate.not-found', message: 'Sluice: there is nothing to read here.' };
  const asked = facade.audit.read(form, await readJson(incoming));
  if (asked === null)
    return { code: 'input.invalid', message: 'Sluice: the body is no question for advisories.' };
  const connection = bus();
  if (connection === null) throw new TransientError('backend.unavailable', 'NATS is not available.');
  const { status, affected } = await sendCommand(connection, matchAdvisoriesCommand, {
    type: facade.type,
    packages: asked,
  });
  if (status === 'missing')
    throw new TransientError('backend.unavailable', `No advisories of ${facade.type} are loaded.`);
  const body = JSON.stringify(facade.audit.render(form, asked, affected));
  send(request, {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body,
  });
  return null;
}

/** @throws PermanentError `input.too-large`, `input.not-json`. */
async function readJson(incoming: IncomingMessage): Promise<unknown> {
  let left = bodyMaxBytes;
  incoming.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) incoming.destroy(tooLarge());
  });
  const bytes = await buffer(incoming);
  try {
    const isPacked = incoming.headers['content-encoding'] === 'gzip';
    const plain = isPacked ? await unpack(bytes, { maxOutputLength: bodyMaxBytes }) : bytes;
    return JSON.parse(plain.toString());
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new PermanentError('input.not-json', 'The body is no JSON.', { cause });
  }
}

const tooLarge = () => new PermanentError('input.too-large', `The body may have ${bodyMaxBytes} bytes.`);
