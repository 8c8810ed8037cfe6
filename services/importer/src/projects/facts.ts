import {
  batchSubmitted,
  eventId,
  makeEvent,
  projectChanged,
  projectRefreshRequested,
  projectRefreshed,
  type EventData,
  type EventDefinition,
  type Lane,
  type Refresh,
} from '@sluice/contracts';
import { toMessage, type OutboxMessage } from '@sluice/delivery';
import type { ProjectRow } from './rows.ts';

/** A refresh as its messages need it. */
export interface RequestedRefresh {
  id: string;
  projectId: string;
  name: string;
  lane: Lane;
  scope: string;
  labels: Record<string, string>;
  cause: Refresh['cause'];
  by: string;
  requestedAt: Date;
}

/** The batch that the requests of a refresh will be in; the same message, id included, each time that it is made. */
export function batchMessage({
  id,
  projectId,
  name,
  lane,
  scope,
  labels,
  by,
  requestedAt,
}: RequestedRefresh): OutboxMessage {
  const data = {
    batchId: id,
    lane,
    scope,
    labels,
    projectId,
    requester: by,
    platforms: [],
    filename: name,
    upload: null,
    submittedAt: requestedAt.toISOString(),
  };
  return message(batchSubmitted, { about: id, discriminator: 1, time: requestedAt, lane }, data);
}

/** The message that has the repository of a refresh read; the same one each time that it is made. */
export function requestedMessage({
  id,
  projectId,
  lane,
  scope,
  cause,
  by,
  requestedAt,
}: RequestedRefresh): OutboxMessage {
  const data = { projectId, refreshId: id, lane, scope, cause, by, requestedAt: requestedAt.toISOString() };
  return message(projectRefreshRequested, { about: id, discriminator: 1, time: requestedAt, lane }, data);
}

export function changedMessage(
  { id, scope, name, git, ref, paths }: Pick<ProjectRow, 'id' | 'scope' | 'name' | 'git' | 'ref' | 'paths'>,
  change: EventData<typeof projectChanged>['change'],
  by: string,
  time: Date,
): OutboxMessage {
  const data = {
    projectId: id,
    scope,
    name,
    change,
    source: { git, ref, paths },
    by,
    at: time.toISOString(),
  };
  return message(projectChanged, { about: id, discriminator: `${change}-${time.getTime()}`, time }, data);
}

/** @param round counts how often its batch was opened. */
export function refreshedMessage(data: EventData<typeof projectRefreshed>, round: number): OutboxMessage {
  const { refreshId, lane, endedAt, state } = data;
  const discriminator = `${state}-${round}`;
  return message(projectRefreshed, { about: refreshId, discriminator, time: new Date(endedAt), lane }, data);
}

function message<Data>(
  definition: EventDefinition<Data>,
  {
    about,
    discriminator,
    time,
    lane,
  }: { about: string; discriminator: string | number; time: Date; lane?: Lane },
  data: Data,
): OutboxMessage {
  const event = makeEvent(definition, {
    id: eventId(about, definition.type, discriminator),
    source: 'importer',
    subject: about,
    time,
    data,
  });
  return toMessage(event, lane === undefined ? {} : { lane });
}
