import { TransientError } from '@sluice/contracts';
import type { Sql, Tx } from './sql.ts';
import { postgresHost } from './transient.ts';

/** Tells when a pool loses a connection. */
export class ConnectionWatch {
  #closing = false;

  /** For the driver's `onclose`: called before anybody who waits for the connection goes on. */
  closed = (): void => {
    this.#closing = true;
    setImmediate(() => (this.#closing = false));
  };

  /** True while it is not settled yet whose connection it was. */
  get closing(): boolean {
    return this.#closing;
  }
}

/**
 * Ends the work of a transaction with its connection. The driver rejects such a transaction, but the work goes on, and
 * its next statement, its commit or its rollback is written to a socket that is gone: an exception that cannot
 * be caught. After this, a transaction whose connection is lost says nothing more.
 */
export function endWithConnection(sql: Sql, watch: ConnectionWatch): void {
  const begin = sql.begin.bind(sql) as (...parameters: unknown[]) => Promise<unknown>;
  const guarded = async (...parameters: unknown[]) => {
    const work = parameters.pop() as (tx: Tx) => unknown;
    const state = { over: false };
    try {
      return await begin(...parameters, (tx: Tx) =>
        settleWhileAlive(work, guardStatements(tx, watch, state), watch, state),
      );
    } finally {
      state.over = true;
    }
  };
  Object.assign(sql, { begin: guarded });
}

/** A promise for the work's result; it never settles once the transaction has ended, which is reported elsewhere. */
function settleWhileAlive(
  work: (tx: Tx) => unknown,
  tx: Tx,
  watch: ConnectionWatch,
  state: { over: boolean },
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const whenClear = (settle: () => void) => {
      if (watch.closing) setImmediate(() => whenClear(settle));
      else if (!state.over) settle();
    };
    const running = (async () => {
      const given = work(tx);
      return Array.isArray(given) ? Promise.all(given) : given;
    })();
    running.then(
      (result) => whenClear(() => resolve(result)),
      (error: unknown) => whenClear(() => reject(error as Error)),
    );
  });
}

function guardStatements(tx: Tx, watch: ConnectionWatch, state: { over: boolean }): Tx {
  const check = () => {
    if (!state.over && !watch.closing) return;
    throw new TransientError('backend.unavailable', 'The connection of the transaction was lost.', {
      host: postgresHost,
    });
  };
  return new Proxy(tx, {
    apply(target, self, parameters) {
      check();
      return Reflect.apply(target as unknown as (...all: unknown[]) => unknown, self, parameters) as unknown;
    },
    get(target, key) {
      check();
      return Reflect.get(target, key) as unknown;
    },
  });
}
