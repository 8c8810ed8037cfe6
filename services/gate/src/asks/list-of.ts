import type { Submission } from '@sluice/contracts';

/** Format of the lists that the gate submits. */
export const askFormat = 'ask@1';

/** A list of one package version that somebody wanted to install. */
export function listOf(purl: string, name: string, version: string): Submission {
  return {
    format: askFormat,
    projectName: null,
    entryCount: 1,
    items: [
      {
        purl,
        name,
        version,
        pins: [],
        paths: [],
        pathCount: 0,
        dev: false,
        optional: false,
        bundled: false,
        direct: true,
        unassessable: null,
        notes: [],
      },
    ],
  };
}
