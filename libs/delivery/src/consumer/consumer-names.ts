import { lanes, type EventDefinition, type Lane } from '@sluice/contracts';
import { kindsOf, type ConsumerDefinition } from './define-consumer.ts';

/** A durable consumer at the broker, as its definition says. */
export interface ConsumerQueue<Data = unknown> {
  durable: string;
  filterSubject: string;
  lane: Lane;
  consumes: EventDefinition<Data>;
}

type Named<Data> = Pick<ConsumerDefinition<Data>, 'service' | 'name' | 'consumes' | 'laneless'>;

/** The name of a consumer with state: attempts are kept under it, logs and metrics show it. */
export function consumerName<Data>(definition: Named<Data>): string {
  const { service, name } = definition;
  return name ? `${service}-${name}` : durablePrefix(service, kindsOf(definition)[0]!.type);
}

/** The durable consumers of a consumer with state: one for each kind of event and lane. */
export function queuesOf<Data>(definition: Named<Data>): ConsumerQueue<Data>[] {
  const { service, laneless } = definition;
  // One filter subject each: brokers before 2.10 know no others.
  return kindsOf(definition).flatMap((consumes): ConsumerQueue<Data>[] => {
    const { type } = consumes;
    const prefix = durablePrefix(service, type);
    if (laneless) return [{ lane: 'interactive', durable: prefix, filterSubject: type, consumes }];
    return lanes.map((lane) => ({
      lane,
      durable: `${prefix}-${lane}`,
      filterSubject: `${type}.${lane}`,
      consumes,
    }));
  });
}

const durablePrefix = (service: string, type: string): string => `${service}-${type.replace('.', '-')}`;
