import type { ArtifactStore } from '@sluice/artifacts';
import { errorCodeOf, readSubmission, type SubmissionItem } from '@sluice/contracts';
import { ofType, type ProjectedEvent } from '../projected-event.ts';

/** 20,000 items of some hundred bytes; see the gateway's own limit on submissions. */
const listMaxBytes = 64 * 1024 * 1024;
/** Of one large request, or of many small ones. All lists of a rebuild's batch together may be more than memory has. */
const aheadItemsMax = 20_000;
/** Files that are read at once: a disk is busy with fewer. */
const readingMax = 8;

export interface RequestLists {
  /** Lists that were read ahead, by digest. */
  ahead: Map<string, SubmissionItem[]>;
  /** Gives the items of any list. */
  read: (listDigest: string) => Promise<SubmissionItem[]>;
}

/**
 * Reads the lists of the requests submitted in a batch, as far as memory allows; the others are read when they
 * are needed. A list that is gone is as good as empty.
 * @param onMissing is told of it.
 * @throws TransientError when the store is not available.
 */
export async function readListsAhead(
  events: ProjectedEvent[],
  artifacts: ArtifactStore,
  onMissing: (digest: string) => void = () => {},
): Promise<RequestLists> {
  const readItems = (digest: string) =>
    readStored(digest, artifacts).catch((error: unknown) => {
      if (errorCodeOf(error) === 'artifact.unavailable') throw error;
      // The order of everything else must go on.
      onMissing(digest);
      return [];
    });
  const wanted = new Set<string>();
  let items = 0;
  for (const { event } of ofType(events, 'request.submitted')) {
    items += event.data.itemCount;
    if (items > aheadItemsMax) break;
    wanted.add(event.data.listDigest);
  }
  const ahead = new Map<string, SubmissionItem[]>();
  const waiting = wanted.values();
  const readNext = async () => {
    for (const digest of waiting) ahead.set(digest, await readItems(digest));
  };
  await Promise.all(Array.from({ length: Math.min(readingMax, wanted.size) }, readNext));
  return { ahead, read: async (digest) => ahead.get(digest) ?? readItems(digest) };
}

async function readStored(listDigest: string, artifacts: ArtifactStore): Promise<SubmissionItem[]> {
  const bytes = await artifacts.read(listDigest, listMaxBytes);
  return readSubmission(JSON.parse(bytes.toString('utf8'))).items;
}
