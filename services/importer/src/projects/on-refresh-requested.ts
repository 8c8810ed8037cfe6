import { setTimeout as pause } from 'node:timers/promises';
import {
  PermanentError,
  ShutdownAbort,
  errorCodeOf,
  isCoded,
  type EventData,
  type projectRefreshRequested,
} from '@sluice/contracts';
import type { Received } from '@sluice/delivery';
import type { ImporterDeps } from '../deps.ts';
import { parseGitAddress } from '../git/address.ts';
import { credentialFor } from '../git/credentials.ts';
import { gitError } from '../git/git-errors.ts';
import { findGitWay } from '../git/git-hosts.ts';
import { NotWanted, readRepository } from '../git/read-repository.ts';
import { chooseContents, type Contents } from './choose-contents.ts';
import { findQueued, noteReading, type QueuedRefresh, type ReadResult } from './queued-refresh.ts';
import { readProject } from './read-project.ts';
import { saveRefresh } from './save-refresh.ts';

type Requested = EventData<typeof projectRefreshRequested>;

/** A host that is away for a moment is asked once more. */
const secondTryMs = 2_000;

/** Reads the repositories of refreshes, those of one hand-out at the same time: each waits for its git host most of all. */
export function onRefreshRequested(deps: ImporterDeps) {
  return async (batch: Received<Requested>[]): Promise<void> => {
    const done = await Promise.allSettled(batch.map(({ event }) => readOne(event.data.refreshId, deps)));
    const failed = done.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  };
}

/** Ends a refresh that cannot be carried out, with the code of why. */
export function giveUpRefresh(deps: ImporterDeps) {
  return async ({ event: { data } }: Received<Requested>, error: unknown): Promise<void> => {
    const refresh = await findQueued(data.refreshId, deps);
    if (refresh === null) return;
    const detail = isCoded(error) ? error.message : 'Something went wrong inside of the importer.';
    deps.log.error({ refresh: refresh.id, err: error }, 'a refresh cannot be carried out and ends as failed');
    await saveRefresh(refresh, { kind: 'failed', failure: { code: errorCodeOf(error), detail } }, deps);
  };
}

/** A refresh that is not queued any more has been read, or was cancelled. */
async function readOne(refreshId: string, deps: ImporterDeps): Promise<void> {
  const refresh = await findQueued(refreshId, deps);
  if (refresh === null) return;
  try {
    await saveRefresh(refresh, await resultOf(refresh, deps), deps);
  } catch (error) {
    if (!(error instanceof NotWanted)) throw error;
  }
}

async function resultOf(refresh: QueuedRefresh, deps: ImporterDeps): Promise<ReadResult> {
  for (let isLast = false; ; isLast = true) {
    try {
      return await readCommit(refresh, deps);
    } catch (thrown) {
      if (deps.stopping.aborted) throw new ShutdownAbort({ cause: thrown });
      const error = gitError(thrown, new URL(refresh.source.git).host);
      if (!(error instanceof PermanentError)) throw error;
      if (error.code !== 'git.unreachable' || isLast)
        return { kind: 'failed', failure: { code: error.code, detail: error.message } };
      await pause(secondTryMs, undefined, { signal: deps.stopping }).catch(() => {});
    }
  }
}

async function readCommit(refresh: QueuedRefresh, deps: ImporterDeps): Promise<ReadResult> {
  const { git, intakes, log, stopping } = deps;
  const { source, scope } = refresh;
  const address = parseGitAddress(source.git);
  const credential = credentialFor(git.credentials, refresh.credential, { address, scope });
  const way = await findGitWay(address, git.rules);
  let contents: Contents | null = null;
  let standsOn: string | null = null;
  const reading = {
    target: { address, way, credential, ca: git.ca },
    ref: refresh.ref,
    paths: source.paths,
    root: git.root,
    limits: git.limits,
    isWanted: () => noteReading(refresh.id, deps),
    signal: stopping,
    log,
  };
  return readRepository<ReadResult>(
    {
      ...reading,
      isKnown: async (commit) => (standsOn = await findFresh(refresh, commit, deps)) !== null,
      choose: (tree) => (contents = chooseContents(tree, { intakes, plan: source.plan })).chosen,
    },
    async (repository) => {
      const { commit } = repository;
      if (standsOn !== null) return { kind: 'unchanged', commit, standsOn };
      const about = { refreshId: refresh.id, contents: contents!, plan: source.plan };
      return { kind: 'read', commit, found: await readProject(repository, about, deps) };
    },
  );
}

/**
 * The refresh whose result still holds for a commit: the last completed one, when it read the same, none of its items failed, and its
 * requests ended a short while ago. Verdicts of older ones may have changed since.
 */
async function findFresh(
  { projectId, source }: QueuedRefresh,
  commit: string,
  { sql, freshMs, now }: ImporterDeps,
): Promise<string | null> {
  const [row] = await sql<{ standsOn: string }[]>`
    select s.id as "standsOn" from (
      select stands_on, to_commit, source from refreshes where project_id = ${projectId} and state = 'completed'
      order by requested_at desc, id desc limit 1) as l join refreshes s on s.id = l.stands_on
    where l.to_commit = ${commit} and l.source = ${JSON.stringify(source)}::text::jsonb
      and s.ended_at > ${new Date(now().getTime() - freshMs)} and not coalesce(s.counts, '{}') ?| array['failed', 'cancelled']`;
  return row?.standsOn ?? null;
}
