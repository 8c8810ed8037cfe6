import type { ArtifactStore } from '@sluice/artifacts';
import type { OutboxRow } from '@sluice/delivery';
import type { Intake } from '@sluice/intake';
import type { Sql } from '@sluice/postgres';
import type { Logger } from '@sluice/runtime';

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
}
