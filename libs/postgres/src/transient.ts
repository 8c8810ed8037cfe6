import { TransientError } from '@sluice/contracts';

/** SQLSTATEs and driver codes that say "not now": lost connections, restarts, full pools, deadlocks, timeouts. */
const transientCodes = new Set([
  '40001',
  '40P01',
  '53000',
  '53100',
  '53200',
  '53300',
  '55P03',
  '57014',
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '08000',
  '08003',
  '08006',
  '25P03',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
]);

/** True when Postgres, and not the statement, is why it failed. */
export function isPostgresOutage(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && transientCodes.has(code);
}

/** SQLSTATEs of transactions that others stood in the way of: done again at once they go through. */
const conflictCodes = new Set(['40001', '40P01']);

/** True when a transaction was given up for another one: a deadlock, or a serialization failure. */
export function isConflict(error: unknown): boolean {
  return conflictCodes.has((error as { code?: string } | null)?.code ?? '');
}

/** Postgres' name as an upstream of stages. */
export const postgresHost = 'postgres';

/** Turns an outage of Postgres into a TransientError; everything else is returned as it is. */
export function asTransient(error: unknown): unknown {
  if (!isPostgresOutage(error)) return error;
  return new TransientError('backend.unavailable', 'Postgres is not available.', {
    cause: error,
    host: postgresHost,
  });
}
