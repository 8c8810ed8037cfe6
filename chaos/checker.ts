import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileArtifactStore } from '@sluice/artifacts';
import { eventsStream } from '@sluice/broker';
import { hashTables, readSchema, rebuild } from '@sluice/projector';
import { createLogger } from '@sluice/runtime';
import { distinctBy, readStream, type StoredEvent } from './event-stream.ts';
import type { Acknowledged } from './load.ts';
import type { Expectations, World } from './world.ts';

/** Whether an invariant held; null where the fault makes it meaningless. */
export interface InvariantResult {
  held: boolean | null;
  detail: string;
}

export interface CheckResult {
  acknowledged: number;
  ok: number;
  lost: number;
  duplicate: number;
  unknown: number;
  invariants: Record<string, InvariantResult>;
  /** Examples of items that were not ok. */
  examples: string[];
}

interface ItemRow {
  requestId: string;
  purl: string | null;
  ordinal: number;
  outcome: string | null;
}

/**
 * Judges a run after it came to rest, from the client's log of acknowledged items, Postgres and the stream; the
 * API is not asked. Every acknowledged item is one of ok, lost, duplicate or unknown.
 */
export async function check(world: World, watchViolations: readonly string[]): Promise<CheckResult> {
  const { expectations } = world;
  const events = await readStream(world.bus, eventsStream);
  const items = await world.sql<ItemRow[]>`
    select request_id as "requestId", purl, ordinal, outcome from aggregator.items`;
  const classified = classify(world.load.acknowledged, items, events, expectations);
  return {
    ...classified,
    unknown: classified.unknown + world.load.unknown.length,
    invariants: {
      I1: await requestsEnded(world, events, expectations),
      I2: await oneEffectEach(world, events, expectations),
      I3: await bytesAreThePinnedOnes(world),
      I4: await approvalsRestOnVerdicts(world),
      I5: expectations.streamLost ? await readModelsAgree(world) : await readModelsAreTheReplay(world),
      I6: await nothingUnaccountedFor(world, watchViolations),
    },
  };
}

function classify(
  acknowledged: readonly Acknowledged[],
  items: ItemRow[],
  events: StoredEvent[],
  { outcomes }: Expectations,
) {
  const byKey = new Map(items.map((item) => [`${item.requestId} ${item.purl}`, item]));
  const ends = new Map<string, Set<string>>();
  for (const event of events.filter(({ type }) => type === 'request.progressed')) {
    for (const { ordinal } of event.data['items'] as { ordinal: number }[]) {
      const key = `${event.about} ${ordinal}`;
      ends.set(key, (ends.get(key) ?? new Set()).add(event.id));
    }
  }
  const result = { acknowledged: 0, ok: 0, lost: 0, duplicate: 0, unknown: 0, examples: [] as string[] };
  for (const { requestId, purls } of acknowledged) {
    for (const purl of new Set(purls)) {
      const item = byKey.get(`${requestId} ${purl}`);
      const expected = outcomes.get(purl) ?? ['approve'];
      const facts = item ? (ends.get(`${requestId} ${item.ordinal}`)?.size ?? 0) : 0;
      const kind = !item?.outcome
        ? 'lost'
        : facts > 1
          ? 'duplicate'
          : expected.includes(item.outcome)
            ? 'ok'
            : 'unknown';
      result.acknowledged += 1;
      result[kind] += 1;
      if (kind !== 'ok' && result.examples.length < 5)
        result.examples.push(
          `${kind}: ${purl} of ${requestId}, ${item?.outcome ?? 'no outcome'}, ${facts} ends`,
        );
    }
  }
  return result;
}

const invariant = (problems: string[], held: string): InvariantResult => ({
  held: problems.length === 0,
  detail: problems.slice(0, 3).join('; ') || held,
});

async function requestsEnded({ sql }: World, events: StoredEvent[], { streamLost, cancelled }: Expectations) {
  const requests = await sql<
    { id: string; state: string; open: number; itemCount: number; counted: number }[]
  >`
    select id, state, open_items as open, item_count as "itemCount",
      (select coalesce(sum(value::int), 0)::int from jsonb_each_text(counts)) as counted
    from aggregator.requests`;
  const completed = distinctBy(
    events.filter(({ type }) => type === 'request.completed'),
    ({ about }) => about,
  );
  const problems = requests.flatMap(({ id, state, open, itemCount, counted }) => {
    const facts = completed.get(id)?.size ?? 0;
    const isCancelled = state === 'cancelled' && cancelled.has(id);
    const ended = (state === 'completed' || isCancelled) && open === 0 && counted === itemCount;
    return ended && (isCancelled || facts === 1 || (streamLost && facts === 0))
      ? []
      : [`${id} is ${state}, ${counted} of ${itemCount} counted, completed ${facts} times`];
  });
  const batches = await batchesEnded({ sql }, events, streamLost);
  return invariant([...problems, ...batches], `${requests.length} requests`);
}

/** Faults of batches: each was completed once in each round, and all of its requests are there. */
async function batchesEnded({ sql }: Pick<World, 'sql'>, events: StoredEvent[], streamLost: boolean) {
  const batches = await sql<{ id: string; state: string; requests: number; known: number; rounds: number }[]>`
    select b.id, b.state, b.request_count as requests, b.round as rounds,
      (select count(*)::int from aggregator.requests r where r.batch_id = b.id) as known
    from aggregator.batches b`;
  const completed = distinctBy(
    events.filter(({ type }) => type === 'batch.completed'),
    ({ about }) => about,
  );
  return batches.flatMap(({ id, state, requests, known, rounds }) => {
    const facts = completed.get(id)?.size ?? 0;
    const isTold = facts === rounds || (streamLost && facts < rounds);
    return state === 'completed' && requests === known && isTold
      ? []
      : [`batch ${id} is ${state}, has ${known} of ${requests} requests, and completed ${facts} times`];
  });
}

/** Consumers with an inbox, and the types of the events that they claim. */
const inboxes: Record<string, string[]> = {
  'aggregator/request-submitted': ['request.submitted'],
  'aggregator/batch-opened': ['batch.opened'],
  'aggregator/evidence': ['pkg.scanned'],
  'aggregator/failed': ['pkg.failed'],
  'aggregator/advisories': ['advisories.changed'],
};

async function oneEffectEach(
  { sql }: World,
  events: StoredEvent[],
  { streamLost, foreignEvents }: Expectations,
) {
  const problems: string[] = [];
  const claimed = await sql<{ consumer: string; count: number }[]>`
    select consumer, count(*)::int as count from aggregator.inbox group by consumer`;
  for (const { consumer, count } of claimed) {
    const published = new Set(
      events.filter(({ type }) => inboxes[consumer]?.includes(type)).map(({ id }) => id),
    ).size;
    // Each event of the stream has had its effect once; events that a row made up may have had none.
    const wrong = streamLost ? count < published : foreignEvents ? count > published : count !== published;
    if (wrong) problems.push(`${consumer}: ${published} events, ${count} effects`);
  }
  const assessed = distinctBy(
    events.filter(({ type }) => type === 'pkg.assessed'),
    ({ data }) => String(data['assessmentId']),
  );
  const assessments = await sql<
    { id: string; state: string }[]
  >`select id, state from aggregator.assessments`;
  for (const { id, state } of assessments) {
    const verdicts = assessed.get(id)?.size ?? 0;
    const right = state === 'assessed' ? verdicts === 1 || (streamLost && verdicts === 0) : verdicts === 0;
    if (!right) problems.push(`assessment ${id} is ${state} and has ${verdicts} verdicts`);
  }
  const twice = await sql<{ purl: string }[]>`
    select purl from aggregator.assessments where state <> 'cancelled' group by purl having count(*) > 1`;
  if (twice.length > 0) problems.push(`${twice.length} package versions were assessed twice`);
  return invariant(problems, `${assessments.length} assessments`);
}

async function bytesAreThePinnedOnes({ sql, stack, load }: World) {
  const rows = await sql<{ purl: string; digest: string; sha512: string }[]>`
    select purl, file ->> 'artifactDigest' as digest, file -> 'digests' ->> 'sha512' as sha512
    from aggregator.assessments cross join lateral json_array_elements(download -> 'files') as file
    where state = 'assessed' and file ->> 'status' = 'verified'`;
  const problems: string[] = [];
  for (const { purl, digest, sha512 } of rows) {
    const published = load.published.get(purl);
    const stated = `sha512-${Buffer.from(sha512, 'hex').toString('base64')}`;
    if (published && published.integrity !== stated) problems.push(`${purl} was scanned as ${stated}`);
    const bytes = await readFile(addressOf(stack.info.artifactsFolder, digest)).catch(() => null);
    const hash = bytes && createHash('sha512').update(bytes).digest('hex');
    if (hash !== sha512) problems.push(`${purl}: stored bytes are ${hash ?? 'gone'}`);
  }
  return invariant(problems, `${rows.length} archives`);
}

const addressOf = (folder: string, digest: string) => {
  const hex = digest.replace('sha256:', '');
  return path.join(folder, 'sha256', hex.slice(0, 2), hex.slice(2, 4), hex);
};

/** There is no gate yet; it would serve the package versions whose approval holds. */
async function approvalsRestOnVerdicts({ sql, expectations }: World) {
  const wrong = await sql<{ purl: string }[]>`
    select p.purl from aggregator.packages p left join aggregator.verdicts v using (assessment_id, scope)
    where p.decision ->> 'state' = 'approved' and p.decision -> 'by' ->> 'kind' = 'policy'
      and v.verdict ->> 'outcome' is distinct from 'approve'`;
  const twice = await sql<{ purl: string }[]>`
    select purl from aggregator.decisions group by purl having count(*) > 1`;
  return invariant(
    [
      ...wrong.map(({ purl }) => `${purl} is approved without such a verdict`),
      ...twice
        .filter(({ purl }) => !expectations.decided.has(purl))
        .map(({ purl }) => `${purl} was decided twice`),
    ],
    'approvals rest on verdicts',
  );
}

async function readModelsAreTheReplay({ bus, database, stack, sql }: World) {
  const log = createLogger('chaos', 'silent');
  const artifacts = fileArtifactStore(stack.info.artifactsFolder);
  const replayed = await rebuild(bus, { databaseUrl: database.url, swap: false, artifacts, log });
  const live = await hashTables(sql, readSchema);
  const differing = Object.keys(live).filter((table) => live[table] !== replayed.hashes[table]);
  return invariant(
    differing.map((table) => `${table} differs from its replay`),
    `${replayed.events} events replayed`,
  );
}

/** Read models of a lost stream cannot be replayed; they are compared with the aggregator's tables. */
async function readModelsAgree({ sql }: World) {
  const differing = await sql<{ id: string; ordinal: number }[]>`
    select i.request_id as id, i.ordinal from aggregator.items i
    left join read.request_items r on r.request_id = i.request_id and r.ordinal = i.ordinal
    where r.outcome is distinct from i.outcome`;
  return invariant(
    differing.map(({ id, ordinal }) => `item ${ordinal} of ${id} reads otherwise`),
    'read models agree with the source of truth',
  );
}

async function nothingUnaccountedFor({ sql }: World, watchViolations: readonly string[]) {
  const [row] = await sql<{ accepted: number; ended: number; open: number }[]>`
    select (select coalesce(sum(item_count), 0)::int from gateway.submissions)
        + (select coalesce(sum(item_count), 0)::int from importer.submissions) as accepted,
      (select count(*)::int from aggregator.items where outcome is not null) as ended,
      (select count(*)::int from aggregator.items where outcome is null) as open`;
  const { accepted, ended, open } = row!;
  const problems = watchViolations.map((violation) => `while it ran: ${violation}`);
  if (accepted !== ended + open) problems.push(`${accepted} accepted, ${ended} ended, ${open} in flight`);
  return invariant(problems, `${accepted} accepted, ${ended} ended, ${open} in flight`);
}
