import {
  apiKeyPageSchema,
  apiKeySchema,
  createdKeySchema,
  keyDaysDefault,
  keyDaysMax,
  principalSchema,
  roles,
  type ApiKey,
  type CreatedKey,
  type Principal,
  type Role,
} from '@sluice/api';
import { Option, type Command } from 'commander';
import { wholeNumber } from '../arguments.ts';
import { buildToken } from '../build-token.ts';
import { withApi, withRunningApi } from '../connect.ts';
import { actingCommand, actor, apiCommand, type ActorOptions, type ApiOptions } from '../options.ts';
import { print } from '../output.ts';
import { printable } from '../render/printable.ts';
import { renderColumns } from '../render/requests.ts';

interface CreateOptions extends ActorOptions {
  role: Role[];
  scope?: string[];
  owner?: string;
  person?: boolean;
  days: number;
}

/** `sluice keys create`, `list` and `revoke`, and `sluice whoami`. */
export function keysCommands(program: Command): void {
  const keys = program.command('keys').description('API keys, and who may do what with them');
  actingCommand(keys, 'create')
    .argument('<name>', 'whose key it is: a service, or with --person a person')
    .addOption(roleOption())
    .option('--scope <name...>', 'the scopes that it may act in; all unless given')
    .option('--owner <name>', 'the person who answers for a service; who makes the key unless given')
    .option('--person', 'it is a person’s, not a service’s')
    .option(
      '--days <number>',
      `how long it holds, ${keyDaysMax} days at most`,
      (text: string) => wholeNumber(text, 1, keyDaysMax),
      keyDaysDefault,
    )
    .description('make an API key; it is printed once')
    .action((name: string, options: CreateOptions) =>
      withApi(options, async (api) => {
        const { role: held, scope: scopes = null, person, days, owner } = options;
        const kind = person ? 'person' : 'service';
        const body = {
          ...actor(options),
          name,
          kind,
          roles: held,
          scopes,
          days,
          ...(owner ? { owner } : {}),
        };
        print(options, await api.post(createdKeySchema, '/v1/keys', body), renderCreated);
      }),
    );
  apiCommand(keys, 'exchange')
    .addOption(
      new Option('--audience <text>', 'asks GitHub Actions for a token for this audience').default('sluice'),
    )
    .description(
      'exchange the token of a build, SLUICE_ID_TOKEN or that of GitHub Actions, for a key, and print it',
    )
    .action(({ audience, ...options }: ApiOptions & { audience: string }) =>
      withApi(options, async (api) => {
        const token = await buildToken(process.env, audience);
        print(
          options,
          await api.post(createdKeySchema, '/v1/auth/exchange', { token }),
          ({ key }) => `${key}\n`,
        );
      }),
    );
  apiCommand(keys, 'list')
    .description('list API keys, newest first, those that ended included')
    .action((options: ApiOptions) =>
      withRunningApi(options, async (api) =>
        print(options, { items: await api.pages(apiKeyPageSchema, '/v1/keys') }, ({ items }) =>
          renderKeys(items),
        ),
      ),
    );
  actingCommand(keys, 'revoke')
    .argument('<id>', 'the part of the key after slc_')
    .description('end an API key at once')
    .action((id: string, options: ActorOptions) =>
      withApi(options, async (api) => {
        const path = `/v1/keys/${encodeURIComponent(id)}/revoke`;
        const ended = await api.post(apiKeySchema, path, actor(options));
        print(
          options,
          ended,
          ({ name, revokedAt }) => `${id} of ${printable(name)} was revoked at ${revokedAt}.\n`,
        );
      }),
    );
  apiCommand(program, 'whoami')
    .description('show whom the API takes you for, and what you may do')
    .action((options: ApiOptions) =>
      withRunningApi(options, async (api) =>
        print(options, await api.get(principalSchema, '/v1/me'), renderPrincipal),
      ),
    );
}

function roleOption(): Option {
  return new Option('--role <role...>', 'what it may do').choices(roles).makeOptionMandatory();
}

/** Pure. */
export function renderCreated({ key, id, name, roles: held, expiresAt }: CreatedKey): string {
  return [
    key,
    '',
    `Key ${id} of ${printable(name)}: ${held.join(', ')}, until ${expiresAt}. It is shown this once: keep it now.`,
    'The command line takes it from SLUICE_KEY, or from the file that SLUICE_KEY_FILE names.',
    '',
  ].join('\n');
}

/** A key a row. Pure. */
export function renderKeys(keys: readonly ApiKey[]): string {
  if (keys.length === 0) return 'There are no keys.\n';
  const rows = keys.map(({ id, name, kind, roles: held, scopes, expiresAt, revokedAt, lastUsedAt }) => [
    id,
    printable(name),
    kind,
    held.join(','),
    scopes?.join(',') ?? 'all scopes',
    revokedAt === null ? `until ${expiresAt}` : `revoked at ${revokedAt}`,
    lastUsedAt === null ? 'never used' : `used ${lastUsedAt}`,
  ]);
  return `${renderColumns([['key', 'name', 'kind', 'roles', 'scopes', 'holds', 'last use'], ...rows])}\n`;
}

function renderPrincipal({ name, kind, grants, keyId, sessionId }: Principal): string {
  const how = keyId !== null ? ` by the key ${keyId}` : sessionId !== null ? ' who signed in' : '';
  const rights = grants.map(
    ({ roles: held, scopes }) => `${held.join(', ')} in ${scopes?.join(', ') ?? 'all scopes'}`,
  );
  return `${printable(name)} (${kind}${how}): ${rights.join('; ')}.\n`;
}
