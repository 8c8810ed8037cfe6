import {
  batchPageSchema,
  cancelledBatchSchema,
  reportFormats,
  reportSchema,
  retriedSchema,
  type ReportFormat,
} from '@sluice/api';
import { Option, type Command } from 'commander';
import { requestId } from '../arguments.ts';
import { withApi, withRunningApi } from '../connect.ts';
import {
  actingCommand,
  actor,
  apiCommand,
  inScope,
  type ActorOptions,
  type ApiOptions,
  type ScopeOptions,
} from '../options.ts';
import { plural, print } from '../output.ts';
import { renderBatch, renderBatches } from '../render/batches.ts';
import { batchFiles, readBatch } from '../wait-for-batch.ts';
import { renderRetried } from './control.ts';

/** The newest batches; an older one is found by its id. */
const shownMax = 20;

/** `sluice batch list`, `status`, `report`, `cancel` and `retry`; `submit` makes one. */
export function batchCommands(program: Command): void {
  const batch = program.command('batch').description('batches: several files that were submitted at once');
  listCommand(batch);
  statusCommand(batch);
  reportCommand(batch);
  actingCommand(batch, 'cancel')
    .argument('<batch>', 'id of a batch', requestId)
    .description('cancel a batch; its open requests are cancelled')
    .action((id: string, options: ActorOptions) =>
      withApi(options, async (api) => {
        const done = await api.post(cancelledBatchSchema, `/v1/batches/${id}/cancel`, actor(options));
        print(options, done, ({ requests }) => `Cancelled: ${plural(requests, 'request')} by now.\n`);
      }),
    );
  actingCommand(batch, 'retry')
    .argument('<batch>', 'id of a batch', requestId)
    .description('have the failed items of a batch tried again')
    .action((id: string, options: ActorOptions) =>
      withApi(options, async (api) =>
        print(
          options,
          await api.post(retriedSchema, `/v1/batches/${id}/retry`, actor(options)),
          renderRetried,
        ),
      ),
    );
}

function listCommand(batch: Command): void {
  apiCommand(batch, 'list')
    .description('show the newest batches')
    .option('--scope <name>', 'only batches of this scope')
    .action((options: ApiOptions & ScopeOptions) =>
      withRunningApi(options, async (api) =>
        print(
          options,
          await api.get(batchPageSchema, inScope(`/v1/batches?limit=${shownMax}`, options)),
          ({ items }) => renderBatches(items),
        ),
      ),
    );
}

function statusCommand(batch: Command): void {
  apiCommand(batch, 'status')
    .argument('<batch>', 'id of a batch', requestId)
    .description('show how far a batch is')
    .option('--files', 'list its files, and why those that are no requests are none')
    .action((id: string, options: ApiOptions & { files?: boolean }) =>
      withRunningApi(options, async (api) => {
        const found = await readBatch(api, id);
        const files = options.files ? await batchFiles(api, id) : null;
        print(options, files === null ? found : { batch: found, files }, () => renderBatch(found, files));
      }),
    );
}

interface BatchReportOptions extends ApiOptions {
  format: ReportFormat;
  output?: string;
}

function reportCommand(batch: Command): void {
  apiCommand(batch, 'report')
    .argument('<batch>', 'id of a batch', requestId)
    .description('one report over all files of a batch')
    .addOption(new Option('--format <name>', 'its format').choices(reportFormats).default('json'))
    .option('--output <file>', 'write it there; to stdout otherwise')
    .action((id: string, { format, output, ...options }: BatchReportOptions) =>
      withRunningApi(options, async (api) => {
        // Loaded when it is asked for: the formats of reports are many.
        const { writeReport } = await import('../write-report.ts');
        await writeReport(
          await api.get(reportSchema, `/v1/batches/${id}/report?format=json`),
          format,
          output,
        );
      }),
    );
}
