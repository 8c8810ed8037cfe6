import type { EventData, advisoriesImported } from '@sluice/contracts';
import type { Received } from '@sluice/delivery';
import type { AggregatorDeps } from './deps.ts';
import { transact } from './transact.ts';

/** Keeps the version of each set of advisories. Repeating it changes nothing, hence no inbox. */
export function onAdvisoriesImported(deps: AggregatorDeps) {
  return (batch: Received<EventData<typeof advisoriesImported>>[]): Promise<void> =>
    transact(deps, 'on advisories imported', async (tx) => {
      for (const { event } of batch) {
        const { ecosystem, recordCount } = event.data;
        await tx`
          insert into advisory_sets (ecosystem, record_count) values (${ecosystem.toLowerCase()}, ${recordCount})
          on conflict (ecosystem) do update set record_count = excluded.record_count`;
      }
    });
}
