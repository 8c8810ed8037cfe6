import { pipeline } from 'node:stream/promises';
import { PermanentError } from '@sluice/contracts';
import { requireRight } from '@sluice/identity';
import { registryOf } from '@sluice/registries';
import type { GateDeps } from '../deps.ts';
import type { GateRequest } from './gate-request.ts';
import type { Refusal } from './refusal.ts';

/** A large document over a slow line. */
const deadlineMs = 60_000;

/**
 * Sends the registry's own document about a package, with the gate's addresses in it, so that a lockfile can be made of all that
 * there is. Nothing that it lists can be fetched for that.
 * @returns the refusal, where the registry does not have it.
 * @throws PermanentError `access.forbidden`; errors of `Registry.document`.
 */
export async function serveUpstream(
  { facade, principal, incoming, outgoing }: GateRequest,
  { name, accept }: { name: string; accept: string },
  { registries, publicUrl }: GateDeps,
): Promise<Refusal | null> {
  requireRight(principal, 'packages.resolve');
  // A program that makes lockfiles anew at each run installs what nobody has looked at, in the end.
  if (principal.kind === 'service')
    throw new PermanentError('access.forbidden', `${principal.name} is a service; people make lockfiles.`);
  const document = await registryOf(registries, facade.type).document?.(
    name,
    accept,
    AbortSignal.timeout(deadlineMs),
  );
  if (!document || !facade.rewriteUpstream)
    return { code: 'gate.not-found', message: `Sluice: the registry has no ${name}.` };
  if (incoming.method === 'HEAD') {
    document.body.on('error', () => {}).destroy();
    outgoing.writeHead(200).end();
    return null;
  }
  outgoing.writeHead(200, {
    'content-type': document.contentType ?? 'application/json',
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
  });
  await pipeline(document.body, facade.rewriteUpstream(name, `${publicUrl}/${facade.base}`), outgoing);
  return null;
}
