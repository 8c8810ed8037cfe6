import { PermanentError, defaultScope, scopeSchema } from '@sluice/contracts';
import { parse } from 'yaml';
import { z } from 'zod';

/** Each assessment is judged once for each scope that ever asked for its package version. */
const scopesMax = 50;

const scopesSchema = z.strictObject({
  scopes: z
    .record(scopeSchema, z.strictObject({ policy: z.string().min(1).max(4_096).optional() }))
    .refine((scopes) => Object.keys(scopes).length <= scopesMax, `may have at most ${scopesMax} scopes`)
    .refine((scopes) => !(defaultScope in scopes), 'may not have `default`, whose policy is POLICY_FILE'),
});

/** A scope beside `default`. */
export interface ScopeEntry {
  /** Path of its policy document; null for the policy of `default`. */
  policy: string | null;
}

/**
 * Reads the document of the scopes beside `default`, as YAML or JSON.
 * @throws PermanentError `config.invalid` that names every faulty key.
 */
export function parseScopes(text: string): Map<string, ScopeEntry> {
  let raw: unknown;
  try {
    raw = parse(text, { maxAliasCount: 10 });
  } catch (cause) {
    const detail = `The document of scopes is not YAML: ${(cause as Error).message}`;
    throw new PermanentError('config.invalid', detail, { cause });
  }
  const parsed = scopesSchema.safeParse(raw);
  if (!parsed.success) {
    const detail = `The document of scopes is not valid:\n${z.prettifyError(parsed.error)}`;
    throw new PermanentError('config.invalid', detail);
  }
  return new Map(Object.entries(parsed.data.scopes).map(([name, { policy = null }]) => [name, { policy }]));
}
