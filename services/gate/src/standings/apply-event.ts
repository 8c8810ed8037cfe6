import {
  decodeData,
  decodeEnvelope,
  parsePurl,
  pkgApproved,
  pkgAssessed,
  pkgCancelled,
  pkgDecisionEnded,
  pkgFailed,
  pkgRecalled,
  pkgRejected,
  pkgRequested,
  type SluiceEvent,
} from '@sluice/contracts';
import { sharedVerdict, withDecision, withEnd } from './entry.ts';
import type { StandingIndex } from './standing-index.ts';

/** Reads an event of each type that changes how something stands. */
const appliers: Record<string, (index: StandingIndex, event: SluiceEvent) => void> = {
  [pkgRequested.type](index, event) {
    index.setWork(parsePurl(decodeData(pkgRequested, event).data.purl), { state: 'running' });
  },
  [pkgFailed.type](index, event) {
    const { purl, code } = decodeData(pkgFailed, event).data;
    index.setWork(parsePurl(purl), { state: 'failed', code });
  },
  [pkgCancelled.type](index, event) {
    index.setWork(parsePurl(decodeData(pkgCancelled, event).data.purl), null);
  },
  [pkgAssessed.type](index, event) {
    const { purl, scope, verdict } = decodeData(pkgAssessed, event).data;
    const place = parsePurl(purl);
    const codes = verdict.reasons
      .filter(({ outcome }) => outcome === verdict.outcome)
      .map(({ code }) => code);
    index.update({ ...place, scope }, (entry) => ({
      ...entry,
      verdict: sharedVerdict({ outcome: verdict.outcome, codes: [...new Set(codes)] }),
    }));
    index.setWork(place, null);
  },
  [pkgApproved.type](index, event) {
    const { purl, scope, decision, release = null } = decodeData(pkgApproved, event).data;
    index.update({ ...parsePurl(purl), scope }, (entry) => withDecision(entry, decision, release));
  },
  [pkgRejected.type]: decided,
  [pkgRecalled.type]: decided,
  [pkgDecisionEnded.type](index, event) {
    const { purl, scope, decision } = decodeData(pkgDecisionEnded, event).data;
    index.update({ ...parsePurl(purl), scope }, (entry) => withEnd(entry, decision.sequence));
  },
};

function decided(index: StandingIndex, event: SluiceEvent): void {
  const definition = event.type === pkgRejected.type ? pkgRejected : pkgRecalled;
  const { purl, scope, decision } = decodeData(definition, event).data;
  index.update({ ...parsePurl(purl), scope }, (entry) => withDecision(entry, decision, null));
}

/** Whether messages with a subject change how something stands: most do not, and are not read. */
export function isAboutStanding(subject: string): boolean {
  return subject.slice(0, subject.lastIndexOf('.')) in appliers;
}

/**
 * Applies an event to the index.
 * @throws PoisonError for a message that is none that this version knows.
 */
export function applyEvent(index: StandingIndex, payload: string): void {
  const event = decodeEnvelope(payload);
  appliers[event.type]?.(index, event);
}
