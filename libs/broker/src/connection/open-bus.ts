import type { NatsConfig, ServiceContext } from '@sluice/runtime';
import { busOptionsOf } from './nats-access.ts';
import { addBusHealth, connectBus, type Bus } from './connection.ts';
import { ensureTopology } from '../streams/topology.ts';
import { startWithBroker } from './start-with-broker.ts';

export interface ServiceBusOptions {
  /** False for a service that does its work without the broker, too. Default true. */
  required?: boolean;
  /** Whether the service makes streams and buckets; see `BusOptions`. Default false. */
  isMaker?: boolean;
}

/** A service's connection to the broker, part of its readiness, and closed when it stops. */
export async function connectService(
  context: Pick<ServiceContext<NatsConfig>, 'name' | 'config' | 'instance' | 'log' | 'health' | 'onStop'>,
  { required = true, isMaker = false }: ServiceBusOptions = {},
): Promise<Bus> {
  const { name, config, instance, log, health, onStop } = context;
  const bus = await connectBus({ ...busOptionsOf(config), service: name, instance, log, isMaker });
  onStop('nats', () => bus.close());
  addBusHealth(health, bus, { required });
  return bus;
}

/**
 * Like `connectService`; resolves once JetStream answers and has its streams.
 * @param begin the first work with it; repeated until it succeeds.
 */
export async function openBus(
  context: Pick<
    ServiceContext<NatsConfig>,
    'name' | 'config' | 'instance' | 'log' | 'health' | 'signal' | 'onStop'
  >,
  begin?: (bus: Bus) => Promise<unknown>,
  options: Pick<ServiceBusOptions, 'isMaker'> = {},
): Promise<Bus> {
  const bus = await connectService(context, options);
  await startWithBroker(context, () => ensureTopology(bus));
  if (begin) await startWithBroker(context, () => begin(bus));
  return bus;
}
