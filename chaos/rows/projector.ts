import { waitFor } from '@sluice/testkit/fakes';
import { type Row } from '../row.ts';

/** Row 22: the projector dies in the middle of a batch, with rows written and the transaction open. */
export const projectorDies: Row = {
  number: 22,
  name: 'projector dies in mid-batch',
  async inject(world) {
    const deaths = 3;
    const problems: string[] = [];
    for (let death = 0; death < deaths; death += 1) {
      await world.pidOf('projector');
      await world.arm(
        'projector',
        `${world.random.pick(['effect-done', 'before-commit'])}@${world.random.between(1, 4)}`,
      );
      const submitted = world.load.submit(Math.ceil(world.packages / deaths));
      await waitFor(() => world.hasFired('projector'), { what: 'the projector to die', timeoutMs: 60_000 });
      const [row] = await world.sql<{ checkpoint: number; newest: number }[]>`
        select (select sequence from read.checkpoint) as checkpoint,
          (select coalesce(max(sequence), 0) from read.timeline) as newest`;
      if (row!.newest > row!.checkpoint)
        problems.push(`rows up to ${row!.newest}, checkpoint ${row!.checkpoint}`);
      await submitted;
    }
    return { what: `${deaths} deaths with a batch in hand`, problems };
  },
};
