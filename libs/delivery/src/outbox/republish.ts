import { z } from 'zod';
import { sendCommand, type CommandDefinition, type Bus } from '@sluice/broker';

type Republish = CommandDefinition<Record<string, never>, { messages: number }>;

/**
 * Asks a service to publish the messages that its outbox kept again. Requests for work are left out, since the
 * reconciler drives again what is in flight.
 */
export const republishCommand = (service: string): Republish => ({
  service,
  name: 'republish',
  input: z.strictObject({}),
  output: z.object({ messages: z.number().int() }),
});

/**
 * Has services publish the events again that the stream lost before they were read. Readers know events that they have by
 * their ids.
 * @returns how many messages come again.
 * @throws TransientError when one of the services is away; to be asked again.
 */
export async function askToRepublish(bus: Bus, services: readonly string[]): Promise<number> {
  let total = 0;
  for (const service of services) {
    const { messages } = await sendCommand(bus, republishCommand(service), {});
    total += messages;
  }
  return total;
}
