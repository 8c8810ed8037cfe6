import type { ArtifactStore } from '@sluice/artifacts';
import type { SentFile } from '@sluice/contracts';
import type { FileSource } from './file-source.ts';

/** Files that were sent by themselves, each an artifact. */
export function sentFilesSource(files: readonly SentFile[], artifacts: ArtifactStore): FileSource {
  return {
    files,
    async read(isWanted, visit) {
      for (const file of files)
        if (isWanted(file)) await visit(file, await artifacts.read(file.digest, file.sizeBytes));
    },
  };
}
