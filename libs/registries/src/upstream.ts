import type { Readable } from 'node:stream';
import { errorCodeOf, PermanentError, TransientError } from '@sluice/contracts';
import { RefusedRedirect, type Egress, type EgressResponse } from '@sluice/egress';
import { authorizationFor, type Credential } from './credentials.ts';
import { HostWitness, type Ask } from './host-witness.ts';
import type { Archive } from './registry.ts';
import { resumedBody } from './resumed-body.ts';
import { headBytes, isNoArchive, UnusableAnswer } from './unusable-answer.ts';

/** The registry does not have it: for this version that is final. */
const absentStatuses = new Set([404, 410, 451]);
/** The registry does not let us have it. Portals and registries whose token has run out say so of everything. */
const deniedStatuses = new Set([401, 403, 407]);

/** A page that says that something is not there is small. */
const probeBytesMax = 256 * 1024;

export interface Document {
  bytes: Buffer;
  contentType: string;
  /** Where it came from in the end, after redirects. */
  url: string;
}

/** Requests of a registry's client: what a status, a redirect or a page means is the same for all registries over HTTP. */
export class Upstream {
  readonly #egress: Egress;
  readonly #credentials: readonly Credential[];
  readonly #witness: HostWitness;

  /** @param probe the question that tells whether a host is well that has not answered well yet; null for none. */
  constructor(egress: Egress, credentials: readonly Credential[], probe: (host: string) => Ask | null) {
    this.#egress = egress;
    this.#credentials = credentials;
    this.#witness = new HostWitness(probe);
  }

  /**
   * Reads a document.
   * @throws PermanentError `registry.version-not-found` for one that the registry does not have; UnusableAnswer; errors of
   * `Egress.fetch`.
   */
  async read(
    url: string,
    { maxBytes, accept }: { maxBytes: number; accept: string },
    signal: AbortSignal,
  ): Promise<Document> {
    const request = { signal, maxBytes, headers: this.#headersFor(url), accept, compressed: true };
    const answer = await this.#egress.getBytes(url, request).catch(refusedRedirect);
    if (answer.status !== 200) throw refusal(answer.status, new URL(url).pathname);
    return { bytes: answer.bytes, contentType: answer.headers['content-type'] ?? '', url: answer.url };
  }

  /**
   * A registry answers 404 for a package that cannot exist; a portal has the same answer for everything.
   * @param url of such a package.
   * @throws unless the registry says that it does not have it.
   */
  async misses(url: string, signal: AbortSignal): Promise<void> {
    const isThere = await this.read(
      url,
      { maxBytes: probeBytesMax, accept: 'application/json' },
      signal,
    ).then(
      () => true,
      (error: unknown) => {
        if (errorCodeOf(error) !== 'registry.version-not-found') throw error;
        return false;
      },
    );
    if (isThere) throw new Error('The registry has a package that cannot exist.');
  }

  /** An answer that no registry gives is an outage of the host, unless it answers others well. */
  async judge(error: unknown, host: string, key: string, signal: AbortSignal): Promise<unknown> {
    if (!(error instanceof UnusableAnswer)) return error;
    return (await this.#witness.isWell(host, key, signal)) ? error.own : unusable(host, error);
  }

  /** See `HostWitness.answeredWell`. */
  answeredWell(host: string, key: string, ask: Ask): void {
    this.#witness.answeredWell(host, key, ask);
  }

  /** See `Registry.tarball`. @param accept of a document, which may be compressed on its way. */
  async archive(url: string, signal: AbortSignal, accept?: string): Promise<Archive | null> {
    try {
      const answer = await this.#fetch(url, signal, { accept });
      const { status, headers, body } = answer;
      if (status === 200) {
        const whole = accept === undefined ? this.#resumed(url, answer, signal) : body;
        return { body: whole, contentType: headers['content-type'] ?? null, sizeBytes: sizeOf(headers) };
      }
      body.on('error', () => {}).destroy();
      if (absentStatuses.has(status)) return null;
      throw refusal(status, 'an archive');
    } catch (error) {
      const judged = await this.judge(error, hostOf(url), url, signal);
      if (errorCodeOf(judged) === 'registry.version-not-found') return null;
      throw judged;
    }
  }

  /** See `Registry.notAnArchive`. */
  async notAnArchive(url: string, signal: AbortSignal): Promise<TransientError> {
    const host = hostOf(url);
    const own = new TransientError('registry.unusable-answer', `${host} sends text in place of the archive.`);
    return (await this.judge(new UnusableAnswer(own), host, url, signal)) as TransientError;
  }

  /** See `Registry.isArchive`. */
  isArchive(url: string): void {
    this.answeredWell(hostOf(url), url, async (signal) => {
      const { status, headers, body } = await this.#fetch(url, signal);
      const head = await readHead(body);
      if (status !== 200 || isNoArchive(headers['content-type'] ?? null, head)) throw refusal(status, url);
    });
  }

  /** The body of an archive, continued where it breaks off if its host gives parts and says when it has another one. */
  #resumed(url: string, { headers, body }: EgressResponse, signal: AbortSignal): Readable {
    const sizeBytes = sizeOf(headers);
    const validator = validatorOf(headers);
    if (validator === null || sizeBytes === null) return body;
    const ask = async (from: number): Promise<Readable | null> => {
      const rest = await this.#fetch(url, signal, { rest: { from, validator } });
      const isRest =
        rest.status === 206 &&
        rest.headers['content-range'] === `bytes ${from}-${sizeBytes - 1}/${sizeBytes}` &&
        Number(rest.headers['content-length']) === sizeBytes - from;
      if (isRest) return rest.body;
      rest.body.on('error', () => {}).destroy();
      return null;
    };
    return resumedBody(body, ask, signal);
  }

  async #fetch(
    url: string,
    signal: AbortSignal,
    { accept, rest }: { accept?: string | undefined; rest?: { from: number; validator: string } } = {},
  ): Promise<EgressResponse> {
    // Archives are verified as they are sent; a document may come compressed.
    const document = accept === undefined ? {} : { accept, compressed: true };
    const request = { signal, headers: this.#headersFor(url), ...document, ...(rest ? { rest } : {}) };
    return await this.#egress.fetch(url, request).catch(refusedRedirect);
  }

  #headersFor(url: string): Record<string, string> {
    const authorization = authorizationFor(url, this.#credentials);
    return authorization === undefined ? {} : { authorization };
  }
}

/** Host of an address as it stands in it; empty for a text that is none. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}

/** @throws UnusableAnswer for bytes that are no JSON. */
export function parseJsonAnswer(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    const own = new TransientError(
      'registry.invalid-metadata',
      'The registry sent something that is not JSON.',
      { cause },
    );
    throw new UnusableAnswer(own);
  }
}

/** The error for a status other than 200; 408, 429 and 5xx are outages and never get here. */
function refusal(status: number, what: string): Error {
  const text = `The registry answers ${status} for ${what}.`;
  const absent = new PermanentError('registry.version-not-found', text);
  if (absentStatuses.has(status)) return absent;
  if (deniedStatuses.has(status)) return new UnusableAnswer(absent);
  return new UnusableAnswer(new TransientError('registry.invalid-metadata', text));
}

function refusedRedirect(error: unknown): never {
  throw error instanceof RefusedRedirect ? new UnusableAnswer(error) : error;
}

/** The host is out of order, and another may answer in its place. */
function unusable(host: string, cause: UnusableAnswer): TransientError {
  return new TransientError(
    'registry.unusable-answer',
    `${host} does not answer as a registry does: ${cause.message}`,
    { cause, host },
  );
}

/** Size of a body as it is sent; null while its host does not say it, or sends it compressed. */
function sizeOf(headers: Record<string, string>): number | null {
  const size = Number(headers['content-length'] ?? NaN);
  return Number.isSafeInteger(size) && headers['content-encoding'] === undefined ? size : null;
}

/** The mark by which a body is known to be still the same; null where a host gives no parts, or cannot tell. */
function validatorOf(headers: Record<string, string>): string | null {
  if (headers['accept-ranges'] !== 'bytes') return null;
  const { etag } = headers;
  // A weak one says the same of other bytes.
  return (etag?.startsWith('"') ? etag : headers['last-modified']) ?? null;
}

/** Reads the start of a body and drops the rest. */
async function readHead(body: Readable): Promise<Buffer> {
  let head = Buffer.alloc(0);
  for await (const chunk of body) {
    head = Buffer.concat([head, chunk as Buffer]);
    if (head.length >= headBytes) break;
  }
  return head.subarray(0, headBytes);
}
