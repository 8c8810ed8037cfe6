import { natsRights, type NatsUser } from './nats-rights.ts';

/**
 * The part of nats-server's configuration that says who its clients are and what each may do; nats-server 2.9 and newer
 * read it.
 * @param publicKeys of the users' nkeys, which begin with `U`; users that are left out cannot connect.
 */
export function natsAuthorization(publicKeys: Partial<Record<NatsUser, string>>): string {
  const users = Object.entries(publicKeys).map(([user, key]) => userBlock(user as NatsUser, key));
  return ['authorization {', '  users: [', ...users, '  ]', '}'].join('\n');
}

function userBlock(user: NatsUser, publicKey: string): string {
  const { publish, denyPublish, subscribe } = natsRights[user];
  const denied = denyPublish.length > 0 ? [`          deny: [${listed(denyPublish)}]`] : [];
  return [
    `    # ${user}`,
    '    {',
    `      nkey: "${publicKey}"`,
    '      permissions: {',
    '        publish: {',
    `          allow: [${listed(publish)}]`,
    ...denied,
    '        }',
    `        subscribe: { allow: [${listed(subscribe)}] }`,
    '      }',
    '    }',
  ].join('\n');
}

const listed = (subjects: readonly string[]) =>
  ['', ...subjects.map((subject) => `            "${subject}"`), '          '].join('\n');
