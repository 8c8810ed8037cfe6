import type { FacadeRoute } from '@sluice/facades';
import { askAndWait } from '../asks/ask-and-wait.ts';
import type { GateDeps } from '../deps.ts';
import { unpackRelease } from '../standings/packed-release.ts';
import type { GateRequest } from './gate-request.ts';
import { noBytes } from '../standings/hold.ts';
import { holdRefusal } from './hold-refusal.ts';
import type { Refusal } from './refusal.ts';
import { serveFile } from './serve-file.ts';
import { servePart } from './serve-part.ts';

type FileRoute = Extract<FacadeRoute, { kind: 'file' }>;

/**
 * Answers with an archive of an approved version; one that nobody has asked for yet is asked for.
 * @returns the refusal, where it may not be installed.
 */
export async function answerFile(
  request: GateRequest,
  route: FileRoute,
  deps: GateDeps,
): Promise<Refusal | null> {
  const { scope, facade, incoming, principal } = request;
  const { name, file } = route;
  const version = route.version ?? versionOf(request, route, deps);
  if (version === null)
    return { code: 'gate.not-found', message: `Sluice: no known version of ${name} has the file ${file}.` };
  const place = { scope, type: facade.type, name, version };
  const { answer, notAsked } = await askAndWait(place, request, deps);
  if ('hold' in answer) return holdRefusal(request, { place, hold: answer.hold, notAsked }, deps);
  const released = answer.release.files.find((one) => one.file === file);
  if (!released) return holdRefusal(request, { place, hold: noBytes }, deps);
  if (route.part !== null) return servePart(request, { part: route.part, file: released }, deps);
  // A client that hangs up halfway has received a part of the bytes.
  if (incoming.method === 'GET') deps.installs.note(place, principal, incoming.headers['user-agent']);
  await serveFile(request, released, deps);
  return null;
}

/** The version that has a file, where its name does not say. */
function versionOf(
  { scope, facade }: GateRequest,
  { name, file }: FileRoute,
  { standings }: GateDeps,
): string | null {
  for (const [version, { release }] of standings.index.versions({ scope, type: facade.type, name }))
    if (release !== null && unpackRelease(release).files.some((one) => one.file === file)) return version;
  return null;
}
