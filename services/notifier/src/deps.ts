import type { OutboxRow } from '@sluice/delivery';
import type { EgressRules, Mailer, Resolve, Sender } from '@sluice/egress';
import type { ProxyOptions } from '@sluice/egress';
import type { Sql } from '@sluice/postgres';
import type { Logger } from '@sluice/runtime';
import type { Sealing } from './secrets/sealing.ts';

/** Dependencies of the notifier's handlers. */
export interface NotifierDeps {
  sql: Sql;
  log: Logger;
  /** Called after a commit with the messages that it left in the outbox. */
  published: (written: OutboxRow[]) => void;
  /** Called after a commit that left something to send. */
  wake: () => void;
  now: () => Date;
  /** Null where there is no key: no webhook can be made then. */
  sealing: Sealing | null;
  sender: Sender;
  /** Null where no mail server is configured. */
  mailer: Mailer | null;
  /** Where receivers may be; the same as those of `sender`. */
  receivers: EgressRules & { proxy?: ProxyOptions | undefined; resolve?: Resolve };
  /** For one try, in milliseconds. */
  timeoutMs: number;
  /** For how long events and deliveries are kept, in days. */
  keepDays: number;
  /** From 0 to 1; spreads tries. */
  chance: () => number;
}
