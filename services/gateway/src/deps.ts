import type { Authenticate, IdTokens } from '@sluice/identity';
import type { Intake } from '@sluice/intake';
import type { ArtifactStore } from '@sluice/artifacts';
import type { Bus } from '@sluice/broker';
import type { ControlWatch } from '@sluice/stages';
import type { OutboxRow } from '@sluice/delivery';
import type { Sql } from '@sluice/postgres';
import type { SigningKeys } from '@sluice/signing';
import type { Health, Logger } from '@sluice/runtime';
import type { Registry } from 'prom-client';
import type { QueueSampler } from './queues/queue-sampler.ts';
import type { Quotas } from './quotas/quotas.ts';
import type { SignIn } from './sign-in/open-sign-in.ts';
import type { ChangeFeed } from './streams/change-feed.ts';

/** Dependencies of the routes. */
export interface GatewayDeps {
  /** The gateway's own schema. */
  own: Sql;
  /** The read models; nothing is ever written there. */
  read: Sql;
  artifacts: ArtifactStore;
  bus: Bus;
  changes: ChangeFeed;
  /** Pauses and drains that hold. */
  controls: Pick<ControlWatch, 'controls'>;
  queues: Pick<QueueSampler, 'read' | 'recent'>;
  health: Health;
  metrics: Registry;
  log: Logger;
  /** Tells who sends a request. */
  authenticate: Authenticate;
  /** How people sign in; null where they cannot. */
  signIn: SignIn | null;
  /** How often a principal may do what costs the others time. */
  quotas: Quotas;
  /** Whether an address is a proxy whose word on its clients' addresses counts. */
  isTrustedProxy: (address: string) => boolean;
  /** Tokens of build systems. */
  idTokens: Pick<IdTokens, 'verify'>;
  /** Whether the API answers to a Host header. */
  isAllowedHost: (host: string) => boolean;
  /** Called after a commit with the messages that it left in the outbox. */
  published: (written: OutboxRow[]) => void;
  /** Called after a commit that made or revoked a key. */
  keysChanged: () => void;
  /** Lockfiles that are read, by ecosystem. */
  intakes: readonly Intake[];
  /** Addresses that a package may come from without a pin; see `parseSubmission`. */
  registriesOf: (type: string, name: string) => readonly string[];
  /** Scopes that there are, `default` among them. */
  scopes: ReadonlySet<string>;
  /** What secrets of webhooks are made of; null where there are none. */
  hookKey: string | null;
  /** Keys that decisions are signed with; null where there are none. */
  signingKeys: SigningKeys | null;
  bodyMaxBytes: number;
  bodyTimeoutMs: number;
  /** How long a request waits for Postgres, in milliseconds, before it is answered with 503. */
  answerTimeoutMs: number;
  /** Messages that may wait in the outbox before submissions are refused. */
  outboxMax: number;
  /** How often an open stream says that it is still there. */
  heartbeatMs: number;
  /** Aborts when the gateway stops; open streams end then. */
  stopping: AbortSignal;
}
