import { registryConfig } from '@sluice/ecosystems/settings';
import {
  artifactsConfig,
  commonConfig,
  integerField,
  listField,
  postgresConfig,
  wayOutConfig,
} from '@sluice/runtime';
import { z } from 'zod';
import { isGitHostEntry } from './git/git-hosts.ts';

export const importerConfig = z.object({
  ...commonConfig,
  ...postgresConfig,
  ...artifactsConfig,
  /** An address below a registry in a lockfile needs no pin. Without registries every address does. */
  ...registryConfig,
  ...wayOutConfig,
  /** Git hosts that projects may be read from. */
  GIT_HOSTS: listField().refine((entries) => entries.every(isGitHostEntry), {
    error:
      'must be hosts, such as git.example, *.git.example, http://git.example:3000 or ssh://git.example, with commas',
  }),
  /** Credentials of private repositories, as one JSON document that names files. */
  GIT_CREDENTIALS: z.string().optional(),
  /** For everything that git does for one refresh, in seconds. */
  GIT_TIMEOUT_SECONDS: integerField(1, 3_600, 120),
  /** Size of a clone, at most, in bytes. */
  GIT_MAX_BYTES: integerField(1_048_576, 107_374_182_400, 1024 * 1024 * 1024),
  /** Folder of clones while they are read; one in the folder for temporary files unless given. */
  GIT_WORK_DIR: z.string().optional(),
  /** Refreshes of a project by hand and by webhook, within PROJECT_REFRESH_SECONDS. */
  PROJECT_REFRESH_LIMIT: integerField(1, 1_000, 5),
  PROJECT_REFRESH_SECONDS: integerField(1, 86_400, 300),
  /** Projects that one principal may add in an hour. */
  PROJECT_CREATE_LIMIT: integerField(1, 1_000, 10),
  /** For how long the result of a commit holds, in hours: a refresh that finds the same commit reads nothing. */
  PROJECT_FRESH_HOURS: integerField(0, 8_760, 24),
});
export type ImporterConfig = z.infer<typeof importerConfig>;
