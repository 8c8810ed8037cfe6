import { createHash } from 'node:crypto';
import type { Inventory, Plan } from '@sluice/contracts';
import { openFiles, type OpenedFiles } from '../batches/open-files.ts';
import { requestIdOf } from '../batches/save-opened.ts';
import type { ImporterDeps } from '../deps.ts';
import type { Repository } from '../git/repository.ts';
import type { FileSource } from '../sources/file-source.ts';
import type { Contents } from './choose-contents.ts';
import { makeInventory } from './make-inventory.ts';
import { readChecklists } from './read-checklists.ts';

/** The contents of one commit of a project. */
export interface ReadProject {
  opened: OpenedFiles;
  inventory: Inventory;
  plan: Plan | null;
}

/** Reads the files of a commit: lockfiles become requests, the others make its inventory and its plan. */
export async function readProject(
  repository: Repository,
  { refreshId, contents, plan }: { refreshId: string; contents: Contents; plan: readonly string[] },
  deps: ImporterDeps,
): Promise<ReadProject> {
  const digests = new Map<string, string>();
  const idOf = (path: string) => requestIdOf(refreshId, path);
  const options = { platforms: [], isContentRead: false, idOf };
  const opened = await openFiles(noting(repository, digests), options, deps);
  const texts = new Map<string, Buffer>();
  await repository.read(
    ({ path }) => contents.manifests.has(path) || plan.includes(path),
    ({ path }, content) => void texts.set(path, content),
  );
  const planned = plan.filter((path) => texts.has(path));
  const manifests = new Map([...texts].filter(([path]) => contents.manifests.has(path)));
  const { requests } = opened;
  return {
    opened,
    inventory: makeInventory({ files: contents.own, intakes: deps.intakes, manifests, requests, digests }),
    plan:
      plan.length === 0
        ? null
        : readChecklists(
            planned.map((path) => ({ path, text: texts.get(path)!.toString('utf8') })),
            plan.filter((path) => !texts.has(path)),
          ),
  };
}

/** The same files; the digests of those that are read are noted. */
function noting(source: Repository, digests: Map<string, string>): FileSource {
  return {
    files: source.files,
    read: (isWanted, visit) =>
      source.read(isWanted, (file, content) => {
        digests.set(file.path, `sha256:${createHash('sha256').update(content).digest('hex')}`);
        return visit(file, content);
      }),
  };
}
