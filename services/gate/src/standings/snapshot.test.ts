import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { unknownEntry } from './entry.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';
import { StandingIndex } from './standing-index.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'sluice-snapshot-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const file = path.join(folder, 'standings.jsonl');
const position = { identity: 'stream', sequence: 7 };
const key = {
  id: 'k',
  digest: 'd',
  name: 'ci',
  kind: 'service' as const,
  roles: ['viewer' as const],
  scopes: null,
  expiresAt: new Date('2030-01-01T00:00:00Z'),
};
const index = new StandingIndex();
for (let count = 0; count < 1_200; count += 1) {
  const name = `@s/a${count % 400}`;
  const entry = { ...unknownEntry, sequence: count, verdict: { outcome: 'review', codes: [`c${count}`] } };
  index.update(
    { scope: count % 2 ? 'default' : 'team-a', type: 'npm', name, version: `1.0.${count}` },
    () => entry,
  );
}
const inOrder = (of: StandingIndex) => [...of.entries()].toSorted(([, a], [, b]) => a.sequence - b.sequence);
const write = () =>
  writeSnapshot(folder, { position, at: new Date('2026-01-01T00:00:00Z'), keys: [key], index });

it('gives back what was written, and leaves no other file', async () => {
  await write();
  const read = await readSnapshot(folder);
  expect(read).toMatchObject({ position, keys: [key], at: new Date('2026-01-01T00:00:00Z') });
  expect(inOrder(read!.index)).toEqual(inOrder(index));
  expect(await readdir(folder)).toEqual(['standings.jsonl']);
});

it('is none when any of it is missing or damaged', async () => {
  await write();
  const text = await readFile(file, 'utf8');
  const lines = text.split('\n');
  const damaged = [
    '',
    lines.slice(0, 600).join('\n'),
    lines.slice(1).join('\n'),
    text.slice(0, -20),
    text.replace('"version":1', '"version":2'),
    text.replace('"review"', '"review'),
  ];
  for (const one of damaged) {
    await writeFile(file, one);
    expect(await readSnapshot(folder)).toBeNull();
  }
  await writeFile(file, text);
  expect(await readSnapshot(folder)).not.toBeNull();
  await rm(file);
  expect(await readSnapshot(folder)).toBeNull();
});
