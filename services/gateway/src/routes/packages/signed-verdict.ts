import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { scopeQuery, signedVerdictSchema, signingKeysSchema } from '@sluice/api';
import { PermanentError, TransientError, requireScope, type Decision } from '@sluice/contracts';
import { pemOf, signStatement, verdictStatement, type SigningKeys } from '@sluice/signing';
import type { GatewayDeps } from '../../deps.ts';
import { purlParam } from '../../http/path-parameters.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';
import { findPackage, type FoundPackage } from '../../queries/packages.ts';
import { readPurl } from './get-package.ts';

const verdictRoute = createRoute({
  method: 'get',
  path: '/v1/packages/{purl}/verdict',
  operationId: 'getSignedVerdict',
  'x-right': 'packages.read',
  summary: 'The decision on a package version as a signed statement',
  description:
    'A verification summary (SLSA) in an in-toto statement in a DSSE envelope: the files by their digests, the policy, the evidence, the ' +
    'decision and its end. `sluice verify` tests it without a server. `FAILED` unless an approval holds.',
  tags: ['packages'],
  request: { headers: ifNoneMatch, params: purlParam, query: scopeQuery },
  responses: {
    ...polled(signedVerdictSchema, 'The signed statement.'),
    ...problems(
      ...askingProblems,
      'purl.invalid',
      'scope.unknown',
      'package.not-found',
      'package.not-assessed',
      'signing.unavailable',
    ),
  },
});

export function getSignedVerdict(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(verdictRoute, async (c) => {
    const purl = readPurl(c.req.valid('param').purl, 'path');
    const { scope } = c.req.valid('query');
    requireScope(scope, deps.scopes);
    const keys = requireKeys(deps);
    const found = await findPackage(deps.read, purl, scope);
    if (!found) throw new PermanentError('package.not-found', `${purl} was never requested.`);
    const statement = statementOf(found);
    if (!statement) throw new PermanentError('package.not-assessed', `${purl} has no verdict on any file.`);
    return c.json(signStatement(statement, keys), 200);
  });
}

const keysRoute = createRoute({
  method: 'get',
  path: '/v1/signing-keys',
  operationId: 'listSigningKeys',
  'x-right': 'packages.read',
  summary: 'The public keys of signed decisions',
  tags: ['packages'],
  request: { headers: ifNoneMatch },
  responses: {
    ...polled(signingKeysSchema, 'The keys.'),
    ...problems(...askingProblems, 'signing.unavailable'),
  },
});

export function listSigningKeys(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(keysRoute, async (c) => {
    const keys = requireKeys(deps).all.map((key) => ({ keyId: key.keyId, pem: pemOf(key) }));
    return c.json({ keys }, 200);
  });
}

function requireKeys({ signingKeys }: Pick<GatewayDeps, 'signingKeys'>): SigningKeys {
  if (signingKeys === null) throw new TransientError('signing.unavailable');
  return signingKeys;
}

function statementOf({ purl, scope, verdict, decision, registry, download, scan }: FoundPackage) {
  if (verdict === null || download === null) return null;
  const reports = (scan?.files ?? []).flatMap(({ file, reportDigest }) =>
    reportDigest === null ? [] : [[`scan:${file}`, reportDigest] as const],
  );
  const documents = Object.entries({ manifest: registry?.metadataDigest, files: registry?.filesDigest });
  const evidence = Object.fromEntries(
    [...documents, ...reports].filter((one): one is [string, string] => typeof one[1] === 'string'),
  );
  // One that has ended holds no longer.
  const holds = decision === null || decision.state === 'ended' ? null : (decision as Decision);
  return verdictStatement({ purl, scope, verdict, decision: holds, download, evidence });
}
