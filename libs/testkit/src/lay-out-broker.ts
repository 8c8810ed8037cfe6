import { ensureTopology, sharedStoreId, type Bus } from '@sluice/broker';

/** Makes streams and buckets, and notes the id of an artifact store, as the aggregator does for the other services. */
export async function layOutBroker(bus: Bus, artifacts: { makeId(): Promise<string> }): Promise<void> {
  await ensureTopology(bus);
  await (await sharedStoreId(bus)).note(await artifacts.makeId());
}
