import type { ArtifactStore } from '@sluice/artifacts';
import { PermanentError, errorCodeOf, type ErrorCode } from '@sluice/contracts';
import type { LoggedMessage } from '@sluice/delivery';
import type { Sql, Tx } from '@sluice/postgres';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

/** The schema that says which events are archived where. */
export const archiveSchema = 'archive';

export const archiveMigrations = {
  schema: archiveSchema,
  folder: new URL('../../archive-migrations/', import.meta.url),
};

/** A run of the stream's messages in one file of the artifact store: JSON lines, compressed. */
export interface Segment {
  epoch: number;
  firstSequence: number;
  lastSequence: number;
  digest: string;
}

/** A segment's text, at most, with room for its last message. */
const textMaxBytes = 128 * 1024 * 1024;

/** @returns all segments, in the order of their events. */
export function listSegments(sql: Sql | Tx): Promise<Segment[]> {
  return sql<Segment[]>`
    select epoch, first_sequence as "firstSequence", last_sequence as "lastSequence", digest
    from ${sql(archiveSchema)}.segments order by epoch, first_sequence`;
}

/** @returns the last sequence of an epoch that is in the archive, as an event or in a snapshot; 0 when none is. */
export async function lastArchived(sql: Sql, epoch: number): Promise<number> {
  const [row] = await sql<{ last: number }[]>`
    select coalesce(greatest(
      (select max(last_sequence) from ${sql(archiveSchema)}.segments where epoch = ${epoch}),
      (select max(sequence) from ${sql(archiveSchema)}.snapshots where epoch = ${epoch})), 0)::bigint as last`;
  return row!.last;
}

/**
 * Stores messages as a segment, and then notes where it is.
 * @param covers its sequences: the stream has none between its messages and those.
 * @returns false when another process has archived them meanwhile.
 */
export async function writeSegment(
  { sql, artifacts }: { sql: Sql; artifacts: ArtifactStore },
  covers: Omit<Segment, 'digest'>,
  messages: LoggedMessage[],
): Promise<boolean> {
  const text = messages.map((message) => `${JSON.stringify(message)}\n`).join('');
  const { digest, sizeBytes } = await artifacts.put(await promisify(gzip)(text));
  const { epoch, firstSequence, lastSequence } = covers;
  const { count } = await sql`
    insert into ${sql(archiveSchema)}.segments (epoch, first_sequence, last_sequence, digest, size_bytes, events)
    values (${epoch}, ${firstSequence}, ${lastSequence}, ${digest}, ${sizeBytes}, ${messages.length})
    on conflict do nothing`;
  return count === 1;
}

const gone = new Set<ErrorCode>(['artifact.missing', 'artifact.corrupt']);

/** @throws PermanentError `projection.incomplete` when the store does not have it any more. */
export async function readSegment(artifacts: ArtifactStore, segment: Segment): Promise<LoggedMessage[]> {
  try {
    const bytes = await promisify(gunzip)(await artifacts.read(segment.digest), {
      maxOutputLength: textMaxBytes,
    });
    return bytes
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LoggedMessage);
  } catch (cause) {
    const { epoch, firstSequence, lastSequence, digest } = segment;
    throw archiveUnreadable(`Events ${firstSequence} to ${lastSequence} of epoch ${epoch}`, digest, cause);
  }
}

/** The error for a file of the archive that the store lost; other errors, such as an outage, stay as they are. */
export function archiveUnreadable(what: string, digest: string, cause: unknown): unknown {
  if (!gone.has(errorCodeOf(cause))) return cause;
  const detail = `${what} cannot be read from the archive: ${(cause as Error).message} (${digest})`;
  return new PermanentError('projection.incomplete', detail, { cause });
}
