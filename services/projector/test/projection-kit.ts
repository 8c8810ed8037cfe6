import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileArtifactStore, type ArtifactStore } from '@sluice/artifacts';
import { uuidV7, type Lane, type SluiceEvent, type Submission } from '@sluice/contracts';
import { publish, type Bus } from '@sluice/broker';
import { toMessage } from '@sluice/delivery';
import { createLogger } from '@sluice/runtime';
import { exampleEvent } from '@sluice/testkit';
import { afterAll } from 'vitest';
import { toEntry, type StreamEntry } from '../src/projected-event.ts';

/** An artifact store in a folder that is removed when the test file ends. */
export async function testArtifacts(): Promise<ArtifactStore> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-projector-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return fileArtifactStore(folder);
}

export const purlOf = (name: string) => `pkg:npm/${name}@1.0.0`;

/** Stores the list of a request for packages of these names; null stands for an item that cannot be assessed. */
export async function submission(
  artifacts: ArtifactStore,
  names: (string | null)[],
  lane: Lane = 'bulk',
): Promise<SluiceEvent> {
  const items = names.map((name): Submission['items'][number] => ({
    purl: name === null ? null : purlOf(name),
    name: name ?? 'local',
    version: name === null ? null : '1.0.0',
    pins: [],
    paths: [`node_modules/${name}`],
    pathCount: 1,
    dev: false,
    optional: false,
    bundled: false,
    direct: true,
    unassessable: name === null ? { code: 'source.link', message: 'a link' } : null,
    notes: [],
  }));
  const list: Submission = { format: 'test', projectName: null, entryCount: items.length, items };
  const { digest } = await artifacts.put(Buffer.from(JSON.stringify(list)));
  const counts = { itemCount: items.length, entryCount: items.length };
  return exampleEvent('request.submitted', { requestId: uuidV7(), lane, listDigest: digest, ...counts });
}

/** Everything that the stages and the aggregator say of one package version, from start to decision. */
export function lifeOf(name: string, lane: Lane = 'bulk'): SluiceEvent[] {
  const about = { purl: purlOf(name), assessmentId: uuidV7(), lane };
  return [
    exampleEvent('pkg.requested', about),
    exampleEvent('pkg.licensed', about),
    exampleEvent('pkg.attempt-failed', about),
    exampleEvent('pkg.downloaded', about),
    exampleEvent('pkg.scanned', about),
    exampleEvent('pkg.assessed', about),
    exampleEvent('pkg.approved', about),
  ];
}

export const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** A body as the stream would hand it out, read by the projector. */
export function entryOf(sequence: number, payload: string): StreamEntry {
  const message = { sequence, subject: 'pkg.requested.bulk', traceparent, payload };
  return toEntry(message, 1, createLogger('test', 'silent'));
}

/** Events as the stream would hand them out, from a sequence on. */
export function logged(events: SluiceEvent[], fromSequence = 1): StreamEntry[] {
  return events.map((event, index) => entryOf(fromSequence + index, JSON.stringify(event)));
}

/** Publishes events one after the other, which makes their order that of the stream. */
export async function publishAll(bus: Bus, events: SluiceEvent[]): Promise<void> {
  for (const event of events) {
    const { lane } = event.data as { lane?: string };
    await publish(bus, toMessage(event, { ...(lane ? { lane } : {}), traceparent }));
  }
}
