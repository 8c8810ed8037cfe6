import type { Principal } from '@sluice/api';
import {
  PermanentError,
  errorCodeOf,
  findProjectCommand,
  findRefreshCommand,
  findWebhookCommand,
  type ErrorCode,
} from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import type { GatewayDeps } from '../deps.ts';
import { findBatchScope } from '../queries/batches.ts';
import { findScope } from '../queries/requests.ts';
import { maySee } from './principal.ts';

type Deps = Pick<GatewayDeps, 'read' | 'own' | 'bus'>;

/** A kind of thing that belongs to a scope and has an address of its own. */
interface OwnedSubject {
  noun: string;
  notFound: ErrorCode;
  scopeOf(deps: Deps, id: string): Promise<string | null>;
}

/** By the word of the address. */
const subjects: Record<string, OwnedSubject> = {
  requests: { noun: 'request', notFound: 'request.not-found', scopeOf: findScope },
  batches: { noun: 'batch', notFound: 'batch.not-found', scopeOf: findBatchScope },
  jobs: {
    noun: 'job',
    notFound: 'job.not-found',
    // Others are jobs of all scopes.
    scopeOf: async (deps, id) =>
      (await findScope(deps, id)) ?? (await findBatchScope(deps, id)) ?? (await findRefreshScope(deps, id)),
  },
  projects: { noun: 'project', notFound: 'project.not-found', scopeOf: findProjectScope },
  webhooks: { noun: 'webhook', notFound: 'webhook.not-found', scopeOf: findWebhookScope },
};

async function findProjectScope({ bus }: Deps, projectId: string): Promise<string | null> {
  try {
    return (await sendCommand(bus, findProjectCommand, { projectId })).project.scope;
  } catch (error) {
    if (errorCodeOf(error) === 'project.not-found') return null;
    throw error;
  }
}

/** One of all scopes is as good as not there for who is bound to some. */
async function findWebhookScope({ bus }: Deps, webhookId: string): Promise<string | null> {
  const { webhook } = await sendCommand(bus, findWebhookCommand, { webhookId });
  return webhook?.scope ?? null;
}

/** A refresh is a batch, which the read models know a moment later. */
async function findRefreshScope({ bus }: Deps, refreshId: string): Promise<string | null> {
  const { refresh } = await sendCommand(bus, findRefreshCommand, { refreshId });
  return refresh?.scope ?? null;
}

/** Addresses about one of them. Another text than an id is refused by the route itself. */
const ofSubject = /^\/v1\/([a-z]+)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/|$)/i;

/**
 * Hides requests, batches and the like of other scopes from a principal that is bound to some: they are answered as not there.
 * @throws PermanentError with the code of something that is not there.
 */
export async function requireOwnSubject(principal: Principal, deps: Deps, path: string): Promise<void> {
  if (principal.scopes === null) return;
  const [, word = '', id = ''] = ofSubject.exec(path) ?? [];
  const subject = Object.hasOwn(subjects, word) ? subjects[word]! : null;
  if (subject === null) return;
  const scope = await subject.scopeOf(deps, id);
  if (scope === null || !maySee(principal, scope))
    throw new PermanentError(subject.notFound, `No ${subject.noun} has the id ${id}.`);
}
