import type { NatsConfig, ServiceContext } from '@sluice/runtime';
import { busOptionsOf } from './nats-access.ts';
import { addBusHealth, connectBus, type Bus } from './connection.ts';
import { ensureTopology } from '../streams/topology.ts';
import { startWithBroker } from './start-with-broker.ts';

/** A service's connection to the broker, part of its readiness, and closed when it stops. */
export async function connectService(
  context: Pick<ServiceContext<NatsConfig>, 'name' | 'config' | 'instance' | 'log' | 'health' | 'onStop'>,
  options: { required?: boolean } = {},
): Promise<Bus> {
  const { name, config, instance, log, health, onStop } = context;
  const bus = await connectBus({ ...busOptionsOf(config), service: name, instance, log });
  onStop('nats', () => bus.close());
  addBusHealth(health, bus, options);
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
): Promise<Bus> {
  const bus = await connectService(context);
  await startWithBroker(context, () => ensureTopology(bus));
  if (begin) await startWithBroker(context, () => begin(bus));
  return bus;
}
