import {
  deliveryDetailSchema,
  deliveryPageSchema,
  deliverySchema,
  webhookPageSchema,
  webhookReplayedSchema,
  webhookSchema,
  webhookSecretSchema,
  type ShownWebhook,
} from '@sluice/api';
import { chosenTypes, deliveryStates, webhookDigests, webhookFormats } from '@sluice/contracts';
import { Option, type Command } from 'commander';
import { moment, requestId } from '../arguments.ts';
import type { ApiClient } from '../api-client.ts';
import { withApi, withRunningApi } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { actingCommand, actor, apiCommand, type ActorOptions, type ApiOptions } from '../options.ts';
import { plural, print } from '../output.ts';
import {
  renderDeliveries,
  renderDelivery,
  renderSecret,
  renderWebhook,
  renderWebhooks,
} from '../render/webhooks.ts';

const named = 'name or id of a webhook';
/** Deliveries that are listed; older ones are found over the API. */
const shownMax = 50;
const typeOption = () =>
  new Option('--type <types...>', 'for these types only; all unless given').choices(chosenTypes);

/** `sluice webhooks`: receivers of messages, and how each message fared. */
export function webhooksCommands(program: Command): void {
  const webhooks = program
    .command('webhooks')
    .description('webhooks: programs and chats that are told what happens');
  addCommand(webhooks);
  apiCommand(webhooks, 'list')
    .description('list webhooks, and how their receivers do')
    .action((options: ApiOptions) =>
      withRunningApi(options, async (api) => {
        const items = await api.pages(webhookPageSchema, '/v1/webhooks', 200);
        print(options, { items }, () => renderWebhooks(items));
      }),
    );
  apiCommand(webhooks, 'show')
    .argument('<webhook>', named)
    .description('show a webhook')
    .action((name: string, options: ApiOptions) =>
      withRunningApi(options, async (api) => print(options, await findWebhook(api, name), renderWebhook)),
    );
  changeCommand(webhooks);
  steerCommands(webhooks);
  deliveryCommands(webhooks);
  replayCommand(webhooks);
}

interface AddOptions extends ApiOptions {
  scope?: string;
  format: string;
  digest: string;
  type?: string[];
  reason?: string;
}

function addCommand(webhooks: Command): void {
  apiCommand(webhooks, 'add')
    .argument('<name>', 'how it is called')
    .argument('<address>', 'of its receiver: https://receiver.example/sluice')
    .description('have another program told what happens from now on; the secret is printed once')
    .option('--scope <name>', 'what belongs to this scope alone; everything unless given')
    .option('--reason <text>', 'why')
    .addOption(
      new Option('--format <format>', 'slack for a chat, email for mailto:<address>')
        .choices(webhookFormats)
        .default('standard'),
    )
    .addOption(
      new Option('--digest <digest>', 'of mails: those of an hour or a day together')
        .choices(webhookDigests)
        .default('each'),
    )
    .addOption(typeOption())
    .action((name: string, url: string, options: AddOptions) =>
      withApi(options, async (api) => {
        const { scope, format, digest, type: types, reason } = options;
        const wish = { name, url, scope, format, digest, types, reason };
        print(options, await api.post(webhookSecretSchema, '/v1/webhooks', wish), renderSecret);
      }),
    );
}

function changeCommand(webhooks: Command): void {
  actingCommand(webhooks, 'change')
    .argument('<webhook>', named)
    .description('change the name, the address or the types of a webhook')
    .option('--name <name>', 'how it is called')
    .option('--address <url>', 'of its receiver')
    .addOption(typeOption())
    .option('--all-types', 'for all types')
    .action(
      (
        webhook: string,
        options: ActorOptions & { name?: string; address?: string; type?: string[]; allTypes?: boolean },
      ) =>
        withApi(options, async (api) => {
          const { name, address: url, type, allTypes } = options;
          const body = { ...actor(options), name, url, types: allTypes ? [] : type };
          const path = await pathOf(api, webhook);
          print(options, await api.patch(webhookSchema, path, body), renderWebhook);
        }),
    );
}

function steerCommands(webhooks: Command): void {
  const acts = {
    enable: 'send to a webhook again',
    disable: 'send nothing to a webhook any more',
  };
  for (const [name, description] of Object.entries(acts))
    actingCommand(webhooks, name)
      .argument('<webhook>', named)
      .description(description)
      .action((webhook: string, options: ActorOptions) =>
        withApi(options, async (api) => {
          const path = await pathOf(api, webhook);
          print(options, await api.post(webhookSchema, `${path}/${name}`, actor(options)), renderWebhook);
        }),
      );
  actingCommand(webhooks, 'remove')
    .argument('<webhook>', named)
    .description('remove a webhook with its deliveries')
    .action((webhook: string, options: ActorOptions) =>
      withApi(options, async (api) => {
        const done = await api.remove(webhookSchema, await pathOf(api, webhook), actor(options));
        print(options, done, () => 'Removed.\n');
      }),
    );
  actingCommand(webhooks, 'rotate')
    .argument('<webhook>', named)
    .description('give a webhook another secret; the one before signs beside it for 24 hours')
    .action((webhook: string, options: ActorOptions) =>
      withApi(options, async (api) => {
        const path = `${await pathOf(api, webhook)}/rotate-secret`;
        print(options, await api.post(webhookSecretSchema, path, actor(options)), renderSecret);
      }),
    );
}

function deliveryCommands(webhooks: Command): void {
  actingCommand(webhooks, 'test')
    .argument('<webhook>', named)
    .description('send a ping to a webhook')
    .action((webhook: string, options: ActorOptions) =>
      withApi(options, async (api) => {
        const path = `${await pathOf(api, webhook)}/test`;
        const sent = await api.post(deliverySchema, path, actor(options));
        print(options, sent, ({ id }) => `Delivery ${id}\n`);
      }),
    );
  apiCommand(webhooks, 'deliveries')
    .argument('<webhook>', named)
    .description('list the messages to a webhook, newest first')
    .addOption(new Option('--state <state>', 'in this state only').choices(deliveryStates))
    .action((webhook: string, options: ApiOptions & { state?: string }) =>
      withRunningApi(options, async (api) => {
        const state = options.state === undefined ? '' : `&state=${options.state}`;
        const path = `${await pathOf(api, webhook)}/deliveries?limit=${shownMax}${state}`;
        print(options, await api.get(deliveryPageSchema, path), ({ items }) => renderDeliveries(items));
      }),
    );
  apiCommand(webhooks, 'delivery')
    .argument('<webhook>', named)
    .argument('<delivery>', 'id of a delivery', requestId)
    .description('show a message to a webhook, and what came of each try')
    .action((webhook: string, delivery: string, options: ApiOptions) =>
      withRunningApi(options, async (api) => {
        const path = `${await pathOf(api, webhook)}/deliveries/${delivery}`;
        print(options, await api.get(deliveryDetailSchema, path), renderDelivery);
      }),
    );
  actingCommand(webhooks, 'redeliver')
    .argument('<webhook>', named)
    .argument('<delivery>', 'id of a delivery', requestId)
    .description('send a message again')
    .action((webhook: string, delivery: string, options: ActorOptions) =>
      withApi(options, async (api) => {
        const path = `${await pathOf(api, webhook)}/deliveries/${delivery}/redeliver`;
        const sent = await api.post(deliverySchema, path, actor(options));
        print(options, sent, ({ id }) => `Delivery ${id}\n`);
      }),
    );
}

function replayCommand(webhooks: Command): void {
  actingCommand(webhooks, 'replay')
    .argument('<webhook>', named)
    .description('send the events of a time to a webhook, also those from before it was there')
    .addOption(
      new Option('--since <time>', 'that occurred then or later').argParser(moment).makeOptionMandatory(),
    )
    .addOption(new Option('--until <time>', 'that occurred before; now unless given').argParser(moment))
    .addOption(typeOption())
    .option('--dry-run', 'only count them')
    .action(
      (
        webhook: string,
        options: ActorOptions & { since: string; until?: string; type?: string[]; dryRun?: boolean },
      ) =>
        withApi(options, async (api) => {
          const { since, until, type: types, dryRun = false } = options;
          const path = `${await pathOf(api, webhook)}/replay`;
          const body = { ...actor(options), since, until, types, dryRun };
          print(
            options,
            await api.post(webhookReplayedSchema, path, body),
            ({ events, repeated, keptSince }) =>
              [
                `${plural(events, 'event')}${dryRun ? ' would be sent' : ' on the way'}, ${repeated} of them again.`,
                `Events are kept since ${keptSince}.\n`,
              ].join('\n'),
          );
        }),
    );
}

const isId = (text: string) => /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);

const pathOf = async (api: ApiClient, webhook: string): Promise<string> =>
  `/v1/webhooks/${isId(webhook) ? webhook.toLowerCase() : (await findWebhook(api, webhook)).id}`;

/** @throws CommandError with exit code 2 for a webhook that is not there. */
async function findWebhook(api: ApiClient, webhook: string): Promise<ShownWebhook> {
  if (isId(webhook)) return api.get(webhookSchema, `/v1/webhooks/${webhook.toLowerCase()}`);
  const found = (await api.pages(webhookPageSchema, '/v1/webhooks', 200)).find(
    ({ name }) => name === webhook,
  );
  if (found) return found;
  throw new CommandError(
    exitCodes.usage,
    `There is no webhook ${webhook}.`,
    '`sluice webhooks list` shows those that there are.',
    { code: 'webhook.not-found' },
  );
}
