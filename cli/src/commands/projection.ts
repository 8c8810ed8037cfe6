import type { Command } from 'commander';
import { namedStore, storeOf } from '../artifact-store.ts';
import { withStack } from '../connect.ts';
import { outputCommand } from '../options.ts';
import type { OutputOptions } from '../output.ts';
import type { Addresses, RebuildOptions } from '../rebuild-projection.ts';

/** `sluice projection rebuild` and `… verify`: the read models, from the event stream alone. */
export function projectionCommands(program: Command): void {
  const projection = program
    .command('projection')
    .description('read models: rebuild them, or compare them with the events');
  outputCommand(projection, 'rebuild')
    .description('fill new read models from the events beside the live ones, and swap')
    .option('--allow-fewer', 'swap although the new ones have fewer rows than the live ones')
    .action((options: OutputOptions & { allowFewer?: boolean }) => run({ ...options, swap: true }));
  outputCommand(projection, 'verify')
    .description('fill new read models, compare them with the live ones, and drop them')
    .action((options: OutputOptions) => run({ ...options, swap: false }));
}

/** NATS_URL (with its credentials), DATABASE_URL and the artifact store name a deployment; otherwise it is the stack of this folder. */
async function withAddresses(work: (addresses: Addresses) => Promise<void>): Promise<void> {
  const { NATS_URL: natsUrl } = process.env;
  const { databaseUrlOf, natsConfigOf } = await import('@sluice/runtime');
  const databaseUrl = databaseUrlOf(process.env);
  const artifacts = await namedStore();
  if (natsUrl && databaseUrl !== null && artifacts !== null) {
    return work({
      natsUrl,
      natsToken: natsConfigOf(process.env).NATS_TOKEN ?? null,
      natsKeysFolder: null,
      databaseUrl,
      artifacts,
    });
  }
  return withStack(async (info) => work({ ...info, artifacts: await storeOf(info) }));
}

/** Its code is the services'; no other command waits for that to be loaded. */
function run(options: RebuildOptions): Promise<void> {
  return withAddresses(async (addresses) => {
    const { rebuildProjection } = await import('../rebuild-projection.ts');
    await rebuildProjection(addresses, options);
  });
}
