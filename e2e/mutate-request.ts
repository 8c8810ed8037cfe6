import fc from 'fast-check';
import { objectText, oddJson, oddText, oddTimes } from './odd-values.ts';
import {
  validRequests,
  type KnownValues,
  type OpenApiDocument,
  type WireRequest,
} from './openapi-requests.ts';

type Mutation = (request: WireRequest) => WireRequest;

/** Fields of a JSON object text at its top level, as text. */
function fieldsOf(body: string | null): [string, string][] {
  try {
    return Object.entries(JSON.parse(body ?? '') as object).map(([key, value]) => [
      key,
      JSON.stringify(value),
    ]);
  } catch {
    return [];
  }
}

const withBody =
  (change: (fields: [string, string][]) => [string, string][]): Mutation =>
  (request) => ({
    ...request,
    body: objectText(change(fieldsOf(request.body))),
  });

const pathPieces = [
  '%00',
  '%2f',
  '%2F..',
  '..',
  '%2e%2e',
  '%zz',
  '%',
  '%ff',
  '%25%30%30',
  '%E2%80%AE',
  ';a=b',
  '',
  '*',
  '9'.repeat(30),
  'a'.repeat(5_000),
  '%F0%9F%92%A5',
  '{id}',
  ':id',
  'pkg:npm/%40a/b@1',
  'pkg%3Anpm%2Fa%2500%401',
];
const methods = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'QUERY',
  'MKCOL',
];
const types = [
  'text/plain',
  'application/json;charset=utf-16',
  'application/problem+json',
  'multipart/form-data',
  'multipart/form-data; boundary=y',
  'application/x-www-form-urlencoded',
  '',
  ';',
  'application/json, text/plain',
  'APPLICATION/JSON',
];
const headers: [string, string[]][] = [
  ['content-type', types],
  ['idempotency-key', ['', ' ', '\u00e9', 'x'.repeat(201), '\u0080', 'k']],
  ['last-event-id', ['-1', '9999999999999999', '99999999999999999', 'x', '']],
  ['accept', ['application/xml', '*/*;q=0', '\u00ff']],
  ['content-encoding', ['gzip', 'br', '']],
  ['traceparent', ['00-zz', `00-${'f'.repeat(32)}-${'f'.repeat(16)}-01`, '\u00ff']],
  ['x-sluice-client', ['fuzz', '']],
  ['range', ['bytes=0-', 'bytes=9-1']],
  ['expect', ['200-ok']],
  ['if-none-match', ['*']],
  ['origin', ['null', 'http://evil.example', '://', '']],
  ['sec-fetch-site', ['cross-site', '']],
  ['host', ['', 'evil.example', 'localhost:99999', '[::1', 'u@localhost', 'a b']],
];

/** Changes that a client may make to a request, on purpose or not. */
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc
    .tuple(fc.nat(10), oddJson)
    .map(([at, value]) =>
      withBody((fields) =>
        fields.map((field, index) => (index === at % fields.length ? [field[0], value] : field)),
      ),
    ),
  fc
    .tuple(fc.constantFrom('until', 'since'), fc.constantFrom(...oddTimes))
    .map(([key, time]) =>
      withBody((fields) => [...fields.filter(([name]) => name !== key), [key, JSON.stringify(time)]]),
    ),
  fc.tuple(oddText, oddJson).map(([key, value]) => withBody((fields) => [...fields, [key, value]])),
  fc
    .nat(10)
    .map((at) =>
      withBody((fields) => fields.flatMap((field, index) => (index === at ? [field, field] : [field]))),
    ),
  fc.nat(10).map((at) => withBody((fields) => fields.filter((_, index) => index !== at))),
  fc.oneof(oddJson, oddText).map((body): Mutation => (request) => ({ ...request, body })),
  fc
    .nat(40)
    .map((length): Mutation => (request) => ({ ...request, body: request.body?.slice(0, length) ?? null })),
  fc
    .tuple(fc.nat(5), fc.oneof(fc.constantFrom(...pathPieces), fc.string().map(encodeURIComponent)))
    .map(([at, piece]): Mutation => (request) => {
      const pieces = request.path.split('/');
      return {
        ...request,
        path: pieces
          .map((old, index) => (index > 0 && index === 1 + (at % (pieces.length - 1)) ? piece : old))
          .join('/'),
      };
    }),
  fc
    .constantFrom(...pathPieces)
    .map((piece): Mutation => (request) => ({ ...request, path: `${request.path}/${piece}` })),
  fc.tuple(fc.nat(5), oddText).map(([at, value]): Mutation => (request) => ({
    ...request,
    query: request.query.map(([name, old], index) => [name, index === at ? value : old]),
  })),
  fc
    .tuple(fc.oneof(fc.constantFrom('limit', 'cursor', 'state', 'label', 'requester'), oddText), oddText)
    .map(([name, value]): Mutation => (request) => ({
      ...request,
      query: [...request.query, [name, value]],
    })),
  fc.json().map((json): Mutation => (request) => ({
    ...request,
    query: [['cursor', Buffer.from(json).toString('base64url')]],
  })),
  fc.constantFrom(...methods).map((method): Mutation => (request) => ({ ...request, method })),
  fc
    .constantFrom(...headers.flatMap(([name, values]) => values.map((value) => [name, value] as const)))
    .map(([name, value]): Mutation => (request) => ({
      ...request,
      headers: { ...request.headers, [name]: value },
    })),
);

/** Requests of every operation, as they should be or changed in up to three ways. */
export function anyRequests(document: OpenApiDocument, known: KnownValues): fc.Arbitrary<WireRequest> {
  return fc
    .tuple(validRequests(document, known), fc.array(mutation, { maxLength: 3 }))
    .map(([request, mutations]) => mutations.reduce((changed, mutate) => mutate(changed), request));
}
