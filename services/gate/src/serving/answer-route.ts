import type { FacadeRoute } from '@sluice/facades';
import type { GateDeps } from '../deps.ts';
import { answerAudit } from './answer-audit.ts';
import { answerDocument } from './answer-document.ts';
import { answerFile } from './answer-file.ts';
import { send, type GateRequest } from './gate-request.ts';
import type { Refusal } from './refusal.ts';
import { serveUpstream } from './serve-upstream.ts';

/**
 * Answers what a request asks for.
 * @returns the refusal, where it is not to be had; it is the caller's to send.
 * @throws errors of the artifact store, the registry and the broker.
 */
export async function answerRoute(
  request: GateRequest,
  route: FacadeRoute,
  deps: GateDeps,
): Promise<Refusal | null> {
  switch (route.kind) {
    case 'document':
      return answerDocument(request, route, deps);
    case 'file':
      return answerFile(request, route, deps);
    case 'upstream':
      return serveUpstream(request, route, deps);
    case 'answer':
      send(request, {
        status: route.status,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(route.body),
      });
      return null;
    case 'redirect':
      send(request, {
        status: 301,
        headers: { location: `/${request.facade.base}${encodeURI(route.path)}` },
      });
      return null;
    case 'refusal':
      return { code: route.code, message: route.detail };
    case 'advisories':
      return answerAudit(request, route.form, deps);
  }
}
