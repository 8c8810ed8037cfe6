import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { defaultScope } from '@sluice/contracts';
import { parsePolicy, parseScopes, type Policy } from '@sluice/policy';

/** The policy of each scope; `default` is always there. */
export type Scopes = ReadonlyMap<string, Policy>;

/**
 * Reads the policies of all scopes.
 * @param files POLICY_FILE is the policy of `default`; without SCOPES_FILE there is no other scope. A policy's path in that
 * document is relative to the document.
 * @throws PermanentError `config.invalid`.
 */
export async function readScopes(files: {
  POLICY_FILE?: string | undefined;
  SCOPES_FILE?: string | undefined;
}): Promise<Scopes> {
  const policy = parsePolicy(
    files.POLICY_FILE ? await readFile(files.POLICY_FILE, 'utf8') : `version: 1\nname: ${defaultScope}`,
  );
  const scopes = new Map([[defaultScope, policy]]);
  const document = files.SCOPES_FILE;
  if (!document) return scopes;
  for (const [name, entry] of parseScopes(await readFile(document, 'utf8'))) {
    const own = entry.policy && path.resolve(path.dirname(document), entry.policy);
    scopes.set(name, own ? parsePolicy(await readFile(own, 'utf8')) : policy);
  }
  return scopes;
}
