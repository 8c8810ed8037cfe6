import type { EventData, advisoriesImported } from '@sluice/contracts';
import type { Received } from '@sluice/delivery';
import { names } from '@sluice/ecosystems/names';
import type { AggregatorDeps } from '../deps.ts';
import { transact } from '../transact.ts';

/** Keeps the version of each set of advisories. Repeating it changes nothing, hence no inbox. */
export function onAdvisoriesImported(deps: AggregatorDeps) {
  return (batch: Received<EventData<typeof advisoriesImported>>[]): Promise<void> =>
    transact(deps, 'on advisories imported', async (tx) => {
      for (const { event } of batch) {
        const { ecosystem, recordCount } = event.data;
        const type = names.find(({ osvName }) => osvName === ecosystem)?.type;
        // A version that has this ecosystem's advisories knows its purl type as well.
        if (type === undefined) continue;
        await tx`
          insert into advisory_sets (ecosystem, record_count) values (${type}, ${recordCount})
          on conflict (ecosystem) do update set record_count = excluded.record_count`;
      }
    });
}
