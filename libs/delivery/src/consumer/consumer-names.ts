import { lanes, type Lane } from '@sluice/contracts';
import type { ConsumerDefinition } from './define-consumer.ts';

/** A durable consumer at the broker, as its definition says. */
export interface ConsumerQueue {
  durable: string;
  filterSubject: string;
  lane: Lane;
}

type Named = { consumes: { type: string } } & Pick<ConsumerDefinition<unknown>, 'service' | 'laneless'>;

/** The name of a consumer with state: attempts are kept under it, logs and metrics show it. */
export function consumerName({ service, consumes }: Named): string {
  return `${service}-${consumes.type.replace('.', '-')}`;
}

/** The durable consumers of a consumer with state: one for each lane. */
export function queuesOf(definition: Named): ConsumerQueue[] {
  const { type } = definition.consumes;
  const name = consumerName(definition);
  if (definition.laneless) return [{ lane: 'interactive', durable: name, filterSubject: type }];
  return lanes.map((lane) => ({ lane, durable: `${name}-${lane}`, filterSubject: `${type}.${lane}` }));
}
