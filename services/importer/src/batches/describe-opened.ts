import type { BatchFailure } from './save-opened.ts';
import type { OpenedFiles } from './open-files.ts';

/** Nothing was read. */
export const nothingOpened = {
  filesDigest: null,
  fileCount: 0,
  requestCount: 0,
  refusedCount: 0,
  ignoredCount: 0,
};

/** How many files there are, by result. Pure. */
export function countsOf({ files, requests }: OpenedFiles) {
  const count = (result: string) => files.filter((file) => file.result === result).length;
  return {
    fileCount: files.length,
    requestCount: requests.length,
    refusedCount: count('refused'),
    ignoredCount: count('ignored'),
  };
}

/** Why files that became no request at all are a failure; null when some did. Pure. */
export function noFiles({ files, requests }: OpenedFiles): BatchFailure | null {
  if (requests.length > 0) return null;
  if (files.length === 0) return { code: 'batch.no-files', detail: 'It has no files.' };
  const first = files.find(({ result }) => result === 'refused');
  const count = `${files.length} ${files.length === 1 ? 'file' : 'files'}`;
  const why = first ? ` ${first.path}: ${first.reason!.message}` : '';
  return { code: 'batch.no-files', detail: `It has ${count}, and none that could be read.${why}` };
}
