import type { FacadeRoute } from '@sluice/facades';
import { askAndWait } from '../asks/ask-and-wait.ts';
import type { GateDeps } from '../deps.ts';
import { answerFor, mayPass, type Hold } from '../standings/hold.ts';
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
  if (await found(request, route, deps)) return null;
  const { facade, scope } = request;
  const { name, version } = route;
  const of = { scope, type: facade.type, name };
  if (version !== null) {
    const isVersion = facade.names.isVersion(version);
    if (isVersion) return refused(request, { ...of, version }, deps);
    return { code: 'gate.not-found', message: `Sluice: ${name} has no approved version "${version}".` };
  }
  const held = newestHeld(request, of, deps);
  if (held) return refused(request, held, deps);
  const newest = await deps.newest.of(facade.type, name);
  if (newest === null) return { code: 'gate.not-found', message: `Sluice: the registry has no ${name}.` };
  const place = { ...of, version: newest };
  const { answer, notAsked } = await askAndWait(place, request, deps);
  if (await found(request, route, deps)) return null;
  const hold: Hold = 'hold' in answer ? answer.hold : { state: 'no-bytes', codes: [] };
  return holdRefusal(request, { place, hold, notAsked }, deps);
}

async function found(request: GateRequest, route: DocumentRoute, deps: GateDeps): Promise<boolean> {
  const document = await findDocument(request, route, deps);
  if (document) sendDocument(request, document);
  return document !== null;
}

function refused(request: GateRequest, place: Place, deps: GateDeps): Refusal {
  const answer = answerFor(deps.standings.index, place, Date.now());
  const hold: Hold = 'hold' in answer ? answer.hold : { state: 'no-bytes', codes: [] };
  return holdRefusal(request, { place, hold }, deps);
}

/** The highest version that waits for a person or was refused; null where all that is known may still pass by itself. */
function newestHeld(
  { facade }: GateRequest,
  of: Omit<Place, 'version'>,
  { standings }: GateDeps,
): Place | null {
  const { index } = standings;
  const held = [...index.versions(of).keys()].filter((version) => {
    const answer = answerFor(index, { ...of, version }, Date.now());
    return 'hold' in answer && !mayPass(answer.hold);
  });
  const newest = held.toSorted((a, b) => facade.names.compareVersions(a, b) ?? 0).at(-1);
  return newest === undefined ? null : { ...of, version: newest };
}
