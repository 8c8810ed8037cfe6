import { scopeSchema, visibleText } from '@sluice/contracts';
import { actor } from '../actor.ts';
import { documentable, z } from '../documented-zod.ts';
import { moment } from '../moment.ts';
import { pageSchemaOf } from '../page.ts';
import { roles } from './rights.ts';

/** A key that is lost for good is worth nothing after a year. */
export const keyDaysMax = 365;
export const keyDaysDefault = 90;

const holderKind = z.enum(['person', 'service']).openapi({
  description: 'Two keys of one person are one and the same to the audit.',
  example: 'service',
});
const heldRoles = z
  .array(z.enum(roles))
  .min(1)
  .max(roles.length)
  .openapi({ example: ['submitter'] });
const heldScopes = z
  .array(documentable(scopeSchema))
  .min(1)
  .max(100)
  .nullable()
  .openapi({ description: 'Scopes that the key may act in; null for all.', example: ['team-payments'] });
const holderName = documentable(visibleText(200)).openapi({ example: 'ci@example.org' });

/** Roles that hold in some scopes. */
export const grantSchema = z.object({ roles: heldRoles, scopes: heldScopes }).openapi('Grant');
export type Grant = z.infer<typeof grantSchema>;

/** Who asks, and what that one may do. */
export const principalSchema = z
  .object({
    id: z.string().openapi({ example: 'service:ci@example.org' }),
    kind: z
      .enum(['local', 'person', 'service'])
      .openapi({ description: '`local`: this machine’s own user.' }),
    name: z.string(),
    roles: z
      .array(z.enum(roles))
      .openapi({ description: 'All roles, each in the scopes that `grants` names.' }),
    scopes: heldScopes,
    grants: z.array(grantSchema).openapi({ description: 'Which roles hold in which scopes.' }),
    keyId: z.string().nullable().openapi({ description: 'The key that was shown; null for none.' }),
    sessionId: z
      .uuid()
      .nullable()
      .openapi({ description: 'The session of who has signed in; null for none.' }),
  })
  .openapi('Principal');
export type Principal = z.infer<typeof principalSchema>;

export const newKeySchema = z
  .strictObject({
    ...actor('For the builds of the payments team.'),
    name: holderName,
    kind: holderKind,
    roles: heldRoles,
    scopes: heldScopes.optional(),
    owner: holderName.optional().openapi({
      description:
        'Of a service: the person who answers for it, and as whom it counts where the policy wants other eyes; the maker unless given.',
      example: 'mira@example.org',
    }),
    days: z
      .number()
      .int()
      .min(1)
      .max(keyDaysMax)
      .optional()
      .openapi({
        description: `How long the key holds; ${keyDaysDefault} days unless given.`,
        example: keyDaysDefault,
      }),
  })
  .openapi('NewKey');
export type NewKey = z.infer<typeof newKeySchema>;

/** An API key as it is shown: never the key itself. */
export const apiKeySchema = z
  .object({
    id: z.string().openapi({ example: 'k3F9aQ2LmZx0' }),
    name: holderName,
    kind: holderKind,
    owner: z.string().nullable().openapi({ description: 'The person who answers for a service.' }),
    roles: heldRoles,
    scopes: heldScopes,
    createdAt: moment,
    createdBy: z.string(),
    expiresAt: moment,
    revokedAt: moment.nullable(),
    revokedBy: z.string().nullable(),
    lastUsedAt: moment.nullable().openapi({ description: 'Noted once a minute at most.' }),
  })
  .openapi('ApiKey');
export type ApiKey = z.infer<typeof apiKeySchema>;

export const createdKeySchema = apiKeySchema
  .extend({
    key: z.string().openapi({ description: 'The key. It is shown this once, and kept nowhere.' }),
  })
  .openapi('CreatedKey');
export type CreatedKey = z.infer<typeof createdKeySchema>;

export const tokenExchangeSchema = z
  .strictObject({
    token: z
      .string()
      .min(1)
      .max(16_384)
      .openapi({ description: 'The token, as the build system signed it.' }),
  })
  .openapi('TokenExchange');

export const apiKeyPageSchema = pageSchemaOf(apiKeySchema, 'ApiKeyPage');
export const revokeKeySchema = z.strictObject(actor('It was in a log.')).openapi('RevokeKey');
