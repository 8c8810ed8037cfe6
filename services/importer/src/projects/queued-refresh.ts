import type { Lane } from '@sluice/contracts';
import { asTransient } from '@sluice/postgres';
import type { BatchFailure } from '../batches/save-opened.ts';
import type { ImporterDeps } from '../deps.ts';
import type { ReadProject } from './read-project.ts';

/** A refresh whose repository is to be read. */
export interface QueuedRefresh {
  id: string;
  projectId: string;
  name: string;
  scope: string;
  lane: Lane;
  labels: Record<string, string>;
  by: string;
  requestedAt: Date;
  source: { git: string; paths: string[]; plan: string[] };
  ref: string;
  credential: string | null;
}

/** The result of reading a repository. */
export type ReadResult =
  | { kind: 'read'; commit: string; found: ReadProject }
  /** The result of an earlier refresh of the same commit still holds. */
  | { kind: 'unchanged'; commit: string; standsOn: string }
  | { kind: 'failed'; failure: BatchFailure };

/** A refresh whose repository is to be read; null for one that was read, or has ended. */
export async function findQueued(
  id: string,
  { sql }: Pick<ImporterDeps, 'sql'>,
): Promise<QueuedRefresh | null> {
  const [row] = await sql<QueuedRefresh[]>`
    select r.id, r.project_id as "projectId", p.name, p.scope, p.lane, p.labels, r.requested_by as by,
      r.requested_at as "requestedAt", r.source, p.ref, p.credential
    from refreshes r join projects p on p.id = r.project_id where r.id = ${id} and r.state = 'queued'`.catch(
    (error: unknown) => {
      throw asTransient(error);
    },
  );
  return row ?? null;
}

/** Says that a repository is being read. @returns whether it still makes sense: a person may have cancelled the refresh. */
export async function noteReading(id: string, { sql }: Pick<ImporterDeps, 'sql'>): Promise<boolean> {
  const { count } = await sql`update refreshes set read_at = now() where id = ${id} and state = 'queued'`;
  return count > 0;
}
