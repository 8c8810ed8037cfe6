import type { ArtifactStore } from '@sluice/artifacts';
import type { OutboxRow } from '@sluice/delivery';
import type { Intake } from '@sluice/intake';
import type { Sql } from '@sluice/postgres';
import type { Logger } from '@sluice/runtime';
import type { GitCredentials } from './git/credentials.ts';
import type { GitRules } from './git/git-hosts.ts';
import type { GitLimits } from './git/read-repository.ts';
import type { QuotaRule } from './projects/quota.ts';

/** Dependencies of the importer's handlers. */
export interface ImporterDeps {
  sql: Sql;
  artifacts: ArtifactStore;
  /** Lockfiles that are read, by ecosystem. */
  intakes: readonly Intake[];
  /** Addresses that a package may come from without a pin; see `parseSubmission`. */
  registriesOf: (type: string, name: string) => readonly string[];
  log: Logger;
  /** Called after a commit with the messages that it left in the outbox. */
  published: (written: OutboxRow[]) => void;
  now: () => Date;
  git: {
    rules: GitRules;
    credentials: GitCredentials;
    /** Certificate authorities as PEM, beside those that Node trusts. */
    ca: string | undefined;
    /** Folder below which clones are. */
    root: string;
    limits: GitLimits;
  };
  quotas: { refresh: QuotaRule; creation: QuotaRule };
  /** For how long the result of a commit holds, in milliseconds. */
  freshMs: number;
  /** Aborts when the importer stops. */
  stopping: AbortSignal;
}
