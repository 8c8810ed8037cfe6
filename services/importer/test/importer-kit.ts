import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileArtifactStore } from '@sluice/artifacts';
import {
  batchFilesSchema,
  uuidV7,
  type BatchFile,
  type EventData,
  type batchOpened,
  type batchSubmitted,
  type requestSubmitted,
} from '@sluice/contracts';
import { intakes } from '@sluice/ecosystems/intake';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testPostgres } from '@sluice/testkit';
import { afterAll } from 'vitest';
import { onBatchSubmitted } from '../src/batches/on-batch-submitted.ts';
import type { ImporterDeps } from '../src/deps.ts';
import { importerMigrations } from '../src/service.ts';

export type Told = Omit<EventData<typeof batchOpened>, 'filesDigest'> & { files: BatchFile[] };

/** The importer's handlers over a real Postgres and a folder; nothing is published. Call it at the top level of a test file. */
export async function testImporter(changed: Partial<ImporterDeps> = {}) {
  const postgres = await testPostgres(importerMigrations);
  const sql = postgres.connect('importer');
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-importer-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const deps: ImporterDeps = {
    sql,
    artifacts: fileArtifactStore(folder),
    intakes,
    registriesOf: () => ['https://registry.example/'],
    log: createLogger('importer', 'silent'),
    published: () => {},
    now: () => new Date(),
    git: {
      rules: { hosts: [] },
      credentials: {},
      ca: undefined,
      root: path.join(folder, 'clones'),
      limits: { timeoutMs: 30_000, sizeMaxBytes: 50 * 1024 * 1024, filesMax: 10_000 },
    },
    quotas: { refresh: { limit: 5, windowSeconds: 300 }, creation: { limit: 10, windowSeconds: 3_600 } },
    freshMs: 86_400_000,
    stopping: new AbortController().signal,
    ...changed,
  };

  async function eventOf(upload: Buffer | Record<string, string>, more: object = {}) {
    const { artifacts } = deps;
    const isArchive = Buffer.isBuffer(upload);
    const bytes = isArchive ? upload : Buffer.from(JSON.stringify(await sentFiles(upload)));
    const { digest } = await artifacts.put(bytes);
    const kind = isArchive ? ('archive' as const) : ('files' as const);
    return exampleEvent('batch.submitted', {
      batchId: uuidV7(),
      upload: { kind, digest },
      platforms: [],
      ...more,
    });
  }
  async function sentFiles(files: Record<string, string>) {
    const stored = Object.entries(files).map(async ([name, text]) => ({
      path: name,
      ...(await deps.artifacts.put(Buffer.from(text))),
    }));
    return Promise.all(stored);
  }
  const handle = (event: ReturnType<typeof exampleEvent<'batch.submitted'>>) =>
    onBatchSubmitted(deps)([
      {
        event: event as { data: EventData<typeof batchSubmitted> } & typeof event,
        traceparent: undefined,
        sequence: 1,
      },
    ]);

  /** Events in the outbox about a batch, in order. */
  async function eventsOf<Data>(batchId: string, type: string): Promise<Data[]> {
    const rows = await sql<{ payload: string }[]>`select payload from outbox order by position`;
    return rows
      .map(({ payload }) => JSON.parse(payload) as { type: string; data: { batchId: string } & Data })
      .filter((event) => event.type === type && event.data.batchId === batchId)
      .map(({ data }) => data);
  }
  const requestsOf = (batchId: string) =>
    eventsOf<EventData<typeof requestSubmitted>>(batchId, 'request.submitted');
  async function toldOf(batchId: string): Promise<Told[]> {
    const opened = await eventsOf<EventData<typeof batchOpened>>(batchId, 'batch.opened');
    return Promise.all(
      opened.map(async ({ filesDigest, ...data }) => {
        const text = filesDigest === null ? '[]' : (await deps.artifacts.read(filesDigest)).toString();
        return { ...data, files: batchFilesSchema.parse(JSON.parse(text)) } as Told;
      }),
    );
  }

  /** Opens a batch. @returns what is told of it. */
  async function open(
    upload: Buffer | Record<string, string>,
    more: object = {},
  ): Promise<Told & { batchId: string }> {
    const event = await eventOf(upload, more);
    await handle(event);
    const [told] = await toldOf(event.data.batchId);
    return told!;
  }
  return { deps, sql, eventOf, handle, requestsOf, toldOf, open };
}
