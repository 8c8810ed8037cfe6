import { trace } from '@opentelemetry/api';
import { fileArtifactStore } from '@sluice/artifacts';
import { parsePolicy } from '@sluice/policy';
import type { Sql } from '@sluice/postgres';
import { createLogger } from '@sluice/runtime';
import { tmpdir } from 'node:os';
import type { AggregatorDeps } from '../src/deps.ts';

/** What handlers work with in a test that looks at the database only: nobody publishes, and nobody is told of drops. */
export function testDeps(sql: Sql, overrides: Partial<AggregatorDeps> = {}): AggregatorDeps {
  return {
    sql,
    artifacts: fileArtifactStore(tmpdir()),
    policy: parsePolicy('version: 1\nname: default'),
    log: createLogger('test', 'silent'),
    tracer: trace.getTracer('test'),
    published: () => {},
    positions: { takenUp: () => {}, flush: async () => {} },
    drop: async () => {},
    now: () => new Date(),
    stageDeadlineMs: 60_000,
    attemptsMax: 3,
    ...overrides,
  };
}
