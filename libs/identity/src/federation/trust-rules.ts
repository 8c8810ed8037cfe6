import { roles, type Role } from '@sluice/api';
import { scopeSchema, visibleText } from '@sluice/contracts';
import { jsonField, urlField } from '@sluice/runtime';
import { z } from 'zod';

/**
 * Claims that name something by a text that its owner may give up, and somebody else take over: an account that is deleted, a
 * repository that is moved. Beside each the claim that stays.
 */
const lasting: Readonly<Record<string, string>> = {
  repository: 'repository_id',
  repository_owner: 'repository_owner_id',
  project_path: 'project_id',
  namespace_path: 'namespace_id',
};
const minutesMax = 60;
const forPeople: readonly Role[] = ['approver', 'admin', 'emergency'];

const ruleSchema = z
  .strictObject({
    /** Name of the service that the build is then, in lists and in the audit. */
    name: visibleText(100),
    /** As the tokens have it, to the letter. */
    issuer: z.string().min(1).max(500),
    /** Where the issuer's keys are; its own discovery document says so unless given. */
    keysUrl: urlField('https', 'http').optional(),
    /** The one audience that the token is for. */
    audience: z.string().min(1).max(200),
    /** What the token says, each to the letter. */
    claims: z
      .record(z.string().min(1).max(100), z.string().min(1).max(500))
      .refine((claims) => Object.keys(claims).length > 0, 'must name a claim'),
    roles: z.array(z.enum(roles)).min(1),
    /** Scopes that the key may act in; all when left out. */
    scopes: z.array(scopeSchema).min(1).optional(),
    /** The person who answers for the build, as whose it counts where the policy wants other eyes. */
    owner: visibleText(200).optional(),
    /** How long the key holds, in minutes. */
    minutes: z.number().int().min(1).max(minutesMax).default(15),
  })
  .superRefine(({ claims }, context) => {
    for (const [name, id] of Object.entries(lasting)) {
      if (!(name in claims) || id in claims) continue;
      context.addIssue(`"${name}" is a name that others can take over: name "${id}" as well`);
    }
    const telling = Object.keys(claims).filter((claim) => claim !== 'sub');
    if (telling.length === 0)
      context.addIssue('"sub" alone is written differently by each organisation: name a claim with an id');
  })
  .refine(({ roles: given }) => !given.some((role) => forPeople.includes(role)), {
    error: `gives a build one of the roles ${forPeople.join(', ')}, which are for people`,
  });

/** What makes a token of a build system count. */
export type TrustRule = z.infer<typeof ruleSchema>;

const rulesSchema = z.array(ruleSchema).max(1_000);
const example = '[{"name": "…", "issuer": "…", "audience": "…", "claims": {…}, "roles": […]}]';

/** A list of rules, as JSON. */
export function trustRulesField() {
  return jsonField(rulesSchema, example).default([]);
}
