import { gunzipSync } from 'node:zlib';
import type { Facade } from '@sluice/facades';
import type { GateDeps } from '../deps.ts';
import { isReleased } from '../standings/hold.ts';
import { send, type GateRequest } from './gate-request.ts';
import { readListing } from './listing.ts';
import type { ServedDocument } from './document-cache.ts';
import { UpstreamFiles } from './upstream-files.ts';

/** The package in its scope, as the cache names it. */
export const documentKey = (scope: string, type: string, name: string) => `${scope}/${type}/${name}`;

/** A registry that did not answer is asked again after this time. */
const againMs = 10_000;

interface Wanted {
  form: string;
  name: string;
  version: string | null;
  /** A held version to show although nothing of the package is approved. */
  held?: string;
}

/** The document about a package; null where nothing approved answers it. */
export function findDocument(
  { scope, facade }: Pick<GateRequest, 'scope' | 'facade'>,
  { form, name, version, held }: Wanted,
  deps: GateDeps,
): Promise<ServedDocument | null> {
  const nowMs = Date.now();
  const key = documentKey(scope, facade.type, name);
  const formKey = JSON.stringify([form, version, held]);
  return deps.documents.get(key, formKey, nowMs, async () => {
    const place = { scope, type: facade.type, name };
    const { index } = deps.standings;
    const base = `${deps.publicUrl}/${facade.base}`;
    const isApproved = (one: string) => isReleased(index, { ...place, version: one }, nowMs);
    if (held === undefined && ![...index.versions(place).keys()].some(isApproved)) return null;
    const upstream = facade.listsHeld ? await deps.upstreamFiles.of(facade.type, name) : null;
    const given = { ...deps, index, nowMs, held, upstream };
    const { listing, untilMs } = await readListing(place, facade, base, given);
    const document = facade.document(form, listing, version);
    if (document === null) return null;
    return { ...document, untilMs: Math.min(untilMs, nowMs + keptMs(facade, held, upstream)) };
  });
}

/** How long a document may be kept that no decision changes. */
function keptMs(facade: Facade, held: string | undefined, upstream: unknown[] | null): number {
  // What becomes of a version that is only held is not always told: it is looked at each time.
  if (held !== undefined) return 0;
  if (!facade.listsHeld) return Infinity;
  return upstream === null ? againMs : UpstreamFiles.ttlMs;
}

/** Sends a document, or that the client has it already: a decision is seen at the next question, which costs 304 else. */
export function sendDocument(request: GateRequest, document: ServedDocument): void {
  const { incoming } = request;
  const headers = {
    etag: document.etag,
    'cache-control': 'private, no-cache',
    vary: 'accept, accept-encoding',
  };
  if (isKnown(incoming.headers['if-none-match'], document.etag))
    return send(request, { status: 304, headers });
  const typed = { ...headers, 'content-type': document.contentType };
  if (takesGzip(incoming.headers['accept-encoding']))
    return send(request, {
      status: 200,
      headers: { ...typed, 'content-encoding': 'gzip' },
      body: document.gzip,
    });
  // Few clients want it as it is.
  send(request, { status: 200, headers: typed, body: gunzipSync(document.gzip) });
}

/** RFC 9110, 13.1.2: a weak tag counts as well. */
function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
}

/** RFC 9110, 12.5.3. */
function takesGzip(header: string | undefined): boolean {
  return (header ?? '').split(',').some((part) => {
    const [coding = '', ...parameters] = part.split(';').map((one) => one.trim().toLowerCase());
    const weight = parameters.find((one) => one.startsWith('q='));
    return (coding === 'gzip' || coding === '*') && Number(weight?.slice(2) ?? 1) > 0;
  });
}
