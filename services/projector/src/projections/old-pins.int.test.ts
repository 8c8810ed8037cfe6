import { readFile } from 'node:fs/promises';
import { readSubmission, uuidV7 } from '@sluice/contracts';
import { migrate } from '@sluice/postgres';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { logged, testArtifacts } from '../../test/projection-kit.ts';
import { applyBatch } from '../apply.ts';
import { projectorMigrations, readSchema } from '../schema.ts';

const postgres = await testPostgres();
const sql = postgres.connect(readSchema);
const artifacts = await testArtifacts();
const file = await readFile(
  new URL('../../../../libs/contracts/fixtures/lists/submission.v1.json', import.meta.url),
);
const pinsBefore = (JSON.parse(file.toString()) as { items: { integrity: string | null; notes: object[] }[] })
  .items;

it('the migration makes of stored pins what a rebuild makes of their lists, letter by letter', async () => {
  await migrate(sql, { ...projectorMigrations, upTo: '0015' });
  const requestId = uuidV7();
  const { digest: listDigest } = await artifacts.put(file);
  for (const [ordinal, item] of readSubmission(JSON.parse(file.toString())).items.entries()) {
    const { purl, name, version, paths, pathCount, dev, optional, bundled, direct } = item;
    const { integrity, notes } = pinsBefore[ordinal]!;
    const json = [paths, { dev, optional, bundled, direct }, notes].map((value) => JSON.stringify(value));
    await sql`
      insert into request_items (request_id, ordinal, purl, name, version, integrity, paths, path_count, flags, notes)
      values (${requestId}, ${ordinal}, ${purl}, ${name}, ${version}, ${integrity}, ${json[0]!}::text::json, ${pathCount},
        ${json[1]!}::text::json, ${json[2]!}::text::json)`;
  }
  await migrate(sql, projectorMigrations);
  const rows = () => sql<{ row: string }[]>`select i::text as row from request_items i order by ordinal`;
  const migrated = [...(await rows())];

  await sql`truncate request_items`;
  const submitted = exampleEvent('request.submitted', { requestId, listDigest, itemCount: migrated.length });
  const start = { streamIdentity: 'this', epoch: 1, sequence: 0 };
  await sql`update checkpoint set stream_identity = 'this', epoch = 1, sequence = 0`;
  await applyBatch({ sql, artifacts, log: createLogger('test', 'silent') }, logged([submitted]), start);
  expect(migrated).toHaveLength(7);
  expect(migrated).toEqual([...(await rows())]);
});
