import { auditHash, type AuditEntry, type SluiceEvent } from '@sluice/contracts';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testPostgres } from '@sluice/testkit';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { logged, testArtifacts } from '../../test/projection-kit.ts';
import { applyBatch, readCheckpoint } from '../apply.ts';
import { projectorMigrations, readSchema } from '../schema.ts';

const postgres = await testPostgres([projectorMigrations]);
const sql = postgres.connect(readSchema);
const deps = { sql, artifacts: await testArtifacts(), log: createLogger('test', 'silent') };
beforeAll(() => sql`update checkpoint set stream_identity = 'this', epoch = 1, sequence = 0`);

async function apply(events: SluiceEvent[]): Promise<void> {
  const from = await readCheckpoint(sql);
  await applyBatch(deps, logged(events, from.sequence + 1), from);
}

const rows = () => sql<(AuditEntry & { hash: string; position: number })[]>`
  select position, event_id as id, at, actor, action, subject, outcome, detail, hash from audit order by position`;

it('keeps acts in the order of the stream, each with a hash that holds the one before', async () => {
  const acts = ['approve', 'cancel', 'pause', 'reject'].map((action) =>
    exampleEvent('audit.recorded', { action }),
  );
  await apply(acts.slice(0, 1));
  await apply(acts.slice(1));
  const kept = await rows();
  expect(kept.map(({ action }) => action)).toEqual(['approve', 'cancel', 'pause', 'reject']);
  let previous: string | null = null;
  for (const row of kept) {
    previous = auditHash(previous, { ...row, at: new Date(row.at).toISOString() });
    expect(row.hash).toBe(previous);
  }
});

it('keeps an act once that is in the stream twice, in one batch or in two', async () => {
  const before = (await rows()).length;
  const act = exampleEvent('audit.recorded', { action: 'replay' });
  await apply([act, act]);
  await apply([exampleEvent('audit.recorded'), act]);
  expect(await rows()).toHaveLength(before + 2);
});

it('leaves acts out of the timeline, where the facts that follow from them are', async () => {
  await apply([exampleEvent('audit.recorded'), exampleEvent('pkg.approved')]);
  const types = await sql<{ type: string }[]>`select distinct type from timeline`;
  expect(types).toEqual([{ type: 'pkg.approved' }]);
});

it('any change of an entry changes its hash', () => {
  const entry = {
    at: '2026-03-01T09:30:00.000Z',
    actor: 'a',
    action: 'b',
    subject: 'c',
    outcome: 'done' as const,
  };
  fc.assert(
    fc.property(fc.uuid(), fc.json(), fc.json(), (id, one, other) => {
      const hashOf = (text: string) =>
        auditHash(null, { ...entry, id, detail: { reason: JSON.parse(text) as unknown } });
      const isSame = JSON.stringify(sorted(JSON.parse(one))) === JSON.stringify(sorted(JSON.parse(other)));
      expect(hashOf(one) === hashOf(other)).toBe(isSame);
    }),
  );
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => ({ key, one: sorted(one) }));
}
