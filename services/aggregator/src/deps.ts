import type { ArtifactStore } from '@sluice/artifacts';
import type { OutboxRow } from '@sluice/delivery';
import type { Sql } from '@sluice/postgres';
import type { Logger } from '@sluice/runtime';
import type { Tracer } from '@opentelemetry/api';
import type { Scopes } from './scopes.ts';

/** Dependencies of the aggregator's handlers. */
export interface AggregatorDeps {
  sql: Sql;
  artifacts: ArtifactStore;
  scopes: Scopes;
  log: Logger;
  tracer: Tracer;
  /** Called after a commit, with the messages that it left in the outbox if they are at hand. */
  published: (written?: OutboxRow[]) => void;
  /** Says, after a commit, that bulk work came or ended: what waits may begin. */
  wakeBulk: () => void;
  /** Tells the stages to drop assessments that no item waits for. Best effort: their results would be ignored. */
  drop: (assessmentIds: string[]) => Promise<void>;
  now: () => Date;
  stageDeadlineMs: number;
  attemptsMax: number;
}
