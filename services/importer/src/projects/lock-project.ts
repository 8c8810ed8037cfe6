import { PermanentError } from '@sluice/contracts';
import type { Tx } from '@sluice/postgres';
import { projectColumns, type ProjectRow } from './rows.ts';

/** A project under a lock: decisions about it hold until the end of the transaction. @throws PermanentError `project.not-found`. */
export async function lockProject(tx: Tx, projectId: string): Promise<ProjectRow> {
  const [project] = await tx<ProjectRow[]>`
    select ${tx.unsafe(projectColumns)} from projects where id = ${projectId} for update`;
  if (!project) throw projectNotFound(projectId);
  return project;
}

export function projectNotFound(projectId: string): PermanentError {
  return new PermanentError('project.not-found', `No project has the id ${projectId}.`);
}
