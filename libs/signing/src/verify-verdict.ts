import { envelopeSchema, openEnvelope } from './dsse.ts';
import type { VerifyingKey } from './signing-keys.ts';
import { statementType, verdictStatementSchema, type VerdictStatement } from './verdict-statement.ts';

/** `code` says which test a statement or a file did not pass. */
export type Verified =
  { ok: true; statement: VerdictStatement; keyId: string } | { ok: false; code: Refusal; detail: string };

type Refusal =
  'unreadable' | 'untrusted' | 'other-scope' | 'other-package' | 'not-approved' | 'ended' | 'other-file';

export interface FileDigest {
  name: string;
  /** As hex. */
  sha256: string;
}

/** What a statement has to approve. */
export interface Wanted {
  files: readonly FileDigest[];
  scope: string;
  /** The package version, as a canonical purl; any one unless given. */
  purl?: string | undefined;
  /** An approval that ended before does not count. */
  now: Date;
}

/**
 * Verifies that a signed decision approves files in a scope, without a server. The name of a file does not matter, its bytes do. A recall after the
 * statement was fetched cannot be seen in it.
 * @param text the envelope as JSON.
 */
export function verifyVerdict(
  text: string,
  { trusted, ...wanted }: Wanted & { trusted: readonly VerifyingKey[] },
): Verified {
  const envelope = envelopeSchema.safeParse(readJson(text));
  if (!envelope.success) return { ok: false, code: 'unreadable', detail: 'It is no DSSE envelope.' };
  const opened = openEnvelope(envelope.data, trusted);
  if (opened === null) {
    const ids = envelope.data.signatures.map(({ keyid }) => keyid.slice(0, 16)).join(', ');
    return {
      ok: false,
      code: 'untrusted',
      detail: `No signature is right by a trusted key; it is by ${ids}.`,
    };
  }
  const parsed = verdictStatementSchema.safeParse(readJson(opened.payload.toString()));
  if (envelope.data.payloadType !== statementType || !parsed.success)
    return { ok: false, code: 'unreadable', detail: 'It is signed, and no statement of a decision.' };
  return judgeStatement(parsed.data, opened.keyId, wanted);
}

function judgeStatement(
  statement: VerdictStatement,
  keyId: string,
  { files, scope, purl, now }: Wanted,
): Verified {
  const { predicate, subject } = statement;
  const { decision } = predicate.sluice;
  if (predicate.sluice.scope !== scope) {
    const detail = `The decision is one of the scope ${predicate.sluice.scope}, not of ${scope}.`;
    return { ok: false, code: 'other-scope', detail };
  }
  if (purl !== undefined && predicate.resourceUri !== purl) {
    const detail = `The decision is on ${predicate.resourceUri}, not on ${purl}.`;
    return { ok: false, code: 'other-package', detail };
  }
  if (predicate.verificationResult !== 'PASSED' || decision?.state !== 'approved') {
    const state = decision === null ? 'has no decision' : `is ${decision.state}`;
    return { ok: false, code: 'not-approved', detail: `${predicate.resourceUri} ${state}.` };
  }
  if (decision.until !== null && new Date(decision.until) <= now)
    return { ok: false, code: 'ended', detail: `The approval ended at ${decision.until}.` };
  const known = new Set(subject.map(({ digest }) => digest['sha256']));
  const other = files.find(({ sha256 }) => !known.has(sha256));
  if (other) {
    const detail = `${other.name} has the SHA-256 ${other.sha256}, which the decision does not name.`;
    return { ok: false, code: 'other-file', detail };
  }
  return { ok: true, statement, keyId };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
