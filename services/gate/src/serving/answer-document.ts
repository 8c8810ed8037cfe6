import type { FacadeRoute } from '@sluice/facades';
import { askAndWait } from '../asks/ask-and-wait.ts';
import type { GateDeps } from '../deps.ts';
import { answerFor, mayPass, noBytes, type Hold } from '../standings/hold.ts';
import type { Place } from '../standings/standing-index.ts';
import type { GateRequest } from './gate-request.ts';
import { holdRefusal } from './hold-refusal.ts';
import type { Refusal } from './refusal.ts';
import { findDocument, sendDocument } from './serve-document.ts';

type DocumentRoute = Extract<FacadeRoute, { kind: 'document' }>;

/**
 * Answers with a document about a package. Where nothing of it is approved and nothing is held, the version that people get who
 * name none is asked for.
 * @returns the refusal, where there is no document.
 */
export async function answerDocument(
  request: GateRequest,
  route: DocumentRoute,
  deps: GateDeps,
): Promise<Refusal | null> {
  const { facade, scope } = request;
  const { name, version } = route;
  const of = { scope, type: facade.type, name };
  if (version !== null && facade.names.isVersion(version)) {
    const hold = holdOf({ ...of, version }, deps);
    if (hold) return holdRefusal(request, { place: { ...of, version }, hold }, deps);
  }
  if (await found(request, route, deps)) return null;
  if (version !== null)
    return { code: 'gate.not-found', message: `Sluice: ${name} has no approved version "${version}".` };
  return answerUnapproved(request, route, of, deps);
}

/** Nothing of the package is approved. */
async function answerUnapproved(
  request: GateRequest,
  route: DocumentRoute,
  of: Omit<Place, 'version'>,
  deps: GateDeps,
): Promise<Refusal | null> {
  const refuse = async (held: Parameters<typeof holdRefusal>[1]) => {
    const { version } = held.place;
    const isShown = request.facade.listsHeld && (await found(request, { ...route, held: version }, deps));
    return isShown ? null : holdRefusal(request, held, deps);
  };
  const held = newestHeld(request, of, deps);
  if (held) return refuse(held);
  const version = await deps.newest.of(of.type, of.name);
  if (version === null) return { code: 'gate.not-found', message: `Sluice: the registry has no ${of.name}.` };
  const place = { ...of, version };
  const { answer, notAsked } = await askAndWait(place, request, deps);
  if (await found(request, route, deps)) return null;
  const hold = 'hold' in answer ? answer.hold : noBytes;
  return refuse({ place, hold, notAsked });
}

async function found(
  request: GateRequest,
  route: DocumentRoute & { held?: string },
  deps: GateDeps,
): Promise<boolean> {
  const document = await findDocument(request, route, deps);
  if (document) sendDocument(request, document);
  return document !== null;
}

/** Why a package version may not be installed; null for one that may. */
function holdOf(place: Place, { standings }: GateDeps): Hold | null {
  const answer = answerFor(standings.index, place, Date.now());
  return 'hold' in answer ? answer.hold : null;
}

/** The highest version that waits for a person or was refused; null where all that is known may still pass by itself. */
function newestHeld(
  { facade }: GateRequest,
  of: Omit<Place, 'version'>,
  deps: GateDeps,
): { place: Place; hold: Hold } | null {
  let newest: { place: Place; hold: Hold } | null = null;
  for (const version of deps.standings.index.versions(of).keys()) {
    const hold = holdOf({ ...of, version }, deps);
    if (hold === null || mayPass(hold)) continue;
    const isNewer = newest === null || facade.names.compareVersions(version, newest.place.version)! > 0;
    if (isNewer) newest = { place: { ...of, version }, hold };
  }
  return newest;
}
