import { z } from 'zod';
import { sendCommand, type CommandDefinition, type Bus } from '@sluice/broker';

type Republish = CommandDefinition<Record<string, never>, { messages: number }>;

/**
 * A question of one service to another: to publish again what its outbox kept. Requests for work are left out, since the
 * reconciler drives again what is in flight.
 */
export const republishCommand = (service: string): Republish => ({
  service,
  name: 'republish',
  input: z.strictObject({}),
  output: z.object({ messages: z.number().int() }),
});

/**
 * Has services publish again what the event stream lost before it was read. Readers know what they have seen by its id.
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
