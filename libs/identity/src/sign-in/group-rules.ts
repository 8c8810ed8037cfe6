import { roles, type Grant } from '@sluice/api';
import { scopeSchema, visibleText } from '@sluice/contracts';
import { jsonField } from '@sluice/runtime';
import { z } from 'zod';

const ruleSchema = z.strictObject({
  /** As the provider names it, to the letter. */
  group: visibleText(500),
  roles: z.array(z.enum(roles)).min(1),
  /** Scopes in which the roles hold; all when left out. */
  scopes: z.array(scopeSchema).min(1).optional(),
});

/** The rights of a group's members. */
export type GroupRule = z.infer<typeof ruleSchema>;

const example = '[{"group": "…", "roles": […], "scopes": […]}]';

/** A list of rules, as JSON. */
export function groupRulesField() {
  return jsonField(z.array(ruleSchema).max(1_000), example).default([]);
}

/** The grants of a person by the groups that arrived. Rights add up, each in its own scopes. Pure. */
export function grantsOf(groups: readonly string[], rules: readonly GroupRule[]): Grant[] {
  return rules
    .filter(({ group }) => groups.includes(group))
    .map(({ roles: held, scopes = null }) => ({ roles: held, scopes }));
}
