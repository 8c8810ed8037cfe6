import {
  ClosedConnectionError,
  ConnectionError,
  DrainingConnectionError,
  NoRespondersError,
  RequestError,
  TimeoutError,
} from '@nats-io/transport-node';
import { TransientError } from '@sluice/contracts';

const outages = [
  ClosedConnectionError,
  ConnectionError,
  DrainingConnectionError,
  NoRespondersError,
  RequestError,
  TimeoutError,
];

/** Turns an outage of NATS or JetStream into a TransientError; everything else is returned as it is. */
export function asBrokerOutage(error: unknown): unknown {
  // The client does not export the class of its error for a broker whose JetStream is away.
  const isWithoutJetStream = (error as Error | null)?.name === 'JetStreamNotEnabled';
  if (!isWithoutJetStream && !outages.some((kind) => error instanceof kind)) return error;
  return new TransientError('backend.unavailable', 'NATS is not available.', { cause: error });
}
