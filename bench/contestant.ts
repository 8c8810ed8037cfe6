import type { Sql } from '@sluice/postgres';

/** Something that takes lockfiles over HTTP and ends their packages: Sluice, or a peer. */
export interface Contestant {
  name: string;
  /** Where a lockfile is posted to. */
  submitUrl: string;
  sql: Sql;
  /** Table of requests as readers see them, with `id` and `completed_at`. */
  requests: string;
  /** The processes that run now: services and servers. */
  processes(): Promise<{ name: string; pid: number }[]>;
  stop(): Promise<void>;
}
