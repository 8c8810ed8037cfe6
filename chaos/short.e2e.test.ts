import path from 'node:path';
import { findNatsServer } from '@sluice/servers';
import { findRepositoryRoot } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { killPoints } from './rows/kill-points.ts';
import { brokerKilled } from './rows/broker.ts';
import { databaseKilled } from './rows/database.ts';
import { gatewayDies } from './rows/gateway.ts';
import { projectorDies } from './rows/projector.ts';
import { seededRandom } from './random.ts';
import type { Row } from './row.ts';
import { runRowIn, type RowResult } from './run-row.ts';
import { startWorld, type World } from './world.ts';

/**
 * The faults that are cheap enough for every change, under three seeds; `npm run chaos` has all of them. Two worlds go
 * side by side: most of their time is waiting for messages of processes that died.
 */
const firstSeed = Number(process.env['SLUICE_CHAOS_SEED'] ?? 1);
const publishedPoint = killPoints.find(({ name }) => name.includes('published'))!;
const lines: Row[][] = [
  [gatewayDies, databaseKilled, projectorDies],
  [publishedPoint, brokerKilled],
];
const worlds: World[] = [];
const results = new Map<Row, Promise<RowResult>>();

beforeAll(async () => {
  const stateFolder = path.join(findRepositoryRoot(), '.sluice');
  const { path: natsServer } = await findNatsServer({ env: process.env, stateFolder });
  const say = () => {};
  const options = { packages: 60, natsServer, full: false, keep: false, say };
  worlds.push(
    ...(await Promise.all(lines.map((_, index) => startWorld({ ...options, seed: firstSeed + index * 10 })))),
  );
  for (const [index, line] of lines.entries()) {
    let before: Promise<unknown> = Promise.resolve();
    for (const [place, row] of line.entries()) {
      const seed = firstSeed + place;
      // One after the other in a world; one that fails does not keep the next from being tried.
      const result = before.then(() =>
        runRowIn({ ...worlds[index]!, seed, random: seededRandom(seed) }, row),
      );
      before = result.catch(() => {});
      results.set(row, result);
    }
  }
}, 120_000);
afterAll(() => Promise.all(worlds.map((world) => world.close())), 60_000);

it.each(lines.flat().map((row) => [row.number, row.name, row] as const))(
  'loses and doubles nothing at fault %i: %s',
  async (_number, _name, row) => {
    const { check, problems } = await results.get(row)!;
    expect(problems).toEqual([]);
    expect(check).toMatchObject({ ok: check!.acknowledged, lost: 0, duplicate: 0, unknown: 0 });
  },
  300_000,
);
