import {
  boundedText,
  uuidV5,
  type Decision,
  type EventData,
  type NotificationType,
  type pkgApproved,
  type pkgRecalled,
  type pkgRejected,
  type projectRefreshed,
  type requestCompleted,
} from '@sluice/contracts';
import type { Received } from '@sluice/delivery';
import type { PublicEvent } from '@sluice/webhooks';

/** Makes public events of one of the stream. Pure. */
export type Tell<Data> = (received: Received<Data>) => PublicEvent[];

/** Reasons are written by people and by policies; a body stays small. */
const reasonMaxChars = 2_000;

export const tellRequestCompleted: Tell<EventData<typeof requestCompleted>> = (received) => {
  const { requestId, scope, counts, round = 1, completedAt, failure, lane } = received.event.data;
  const links = { request: `/v1/requests/${requestId}` };
  const told = { requestId, lane, round, counts, completedAt, links };
  const completed = publicEvent(received, 'request.completed', requestId, scope, {
    ...told,
    failure: failure ? { code: failure.code, detail: failure.detail } : null,
  });
  const reviewCount = counts.review ?? 0;
  if (reviewCount === 0) return [completed];
  return [
    completed,
    publicEvent(received, 'request.needs-review', requestId, scope, {
      ...told,
      reviewCount,
      links: { ...links, items: `/v1/requests/${requestId}/items?outcome=review` },
    }),
  ];
};

/** Decisions of people alone: those of a policy are as many as package versions, and requests count them. */
export const tellDecision: Tell<EventData<typeof pkgApproved> | EventData<typeof pkgRejected>> = (
  received,
) => {
  const { purl, scope, assessmentId, decision } = received.event.data;
  if (decision.by.kind !== 'person') return [];
  return [
    publicEvent(received, 'decision.made', purl, scope, {
      purl,
      assessmentId,
      decision: decision.state,
      ...decided(decision),
      links: { package: `/v1/packages/${encodeURIComponent(purl)}` },
    }),
  ];
};

export const tellRecalled: Tell<EventData<typeof pkgRecalled>> = (received) => {
  const { purl, scope, assessmentId, decision } = received.event.data;
  const address = `/v1/packages/${encodeURIComponent(purl)}`;
  return [
    publicEvent(received, 'package.recalled', purl, scope, {
      purl,
      assessmentId,
      ...decided(decision),
      links: { package: address, installs: `/v1/installs?purl=${encodeURIComponent(purl)}` },
    }),
  ];
};

export const tellRefreshed: Tell<EventData<typeof projectRefreshed>> = (received) => {
  const { projectId, refreshId, scope, state, unchanged, toCommit, counts, failure, endedAt } =
    received.event.data;
  return [
    publicEvent(received, 'project.refresh.completed', projectId, scope, {
      projectId,
      refreshId,
      state,
      unchanged,
      commit: toCommit,
      counts,
      failure: failure ? { code: failure.code, detail: failure.detail } : null,
      endedAt,
      links: { refresh: `/v1/projects/${projectId}/refreshes/${refreshId}` },
    }),
  ];
};

const decided = ({ by, reason, at, until }: Decision) => ({
  by: by.name,
  reason: boundedText(reason, reasonMaxChars),
  at,
  until,
});

/** The same event of the stream is always the same public one. */
function publicEvent(
  { event, sequence }: Received<unknown>,
  type: NotificationType,
  subject: string,
  scope: string,
  data: Record<string, unknown>,
): PublicEvent {
  const id = uuidV5(`${event.id}/told/${type}`);
  return { id, type, subject, scope, occurredAt: new Date(event.time), sequence, data };
}
