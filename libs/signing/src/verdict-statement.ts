import { decisionSchema, type Decision, type DownloadEvidence, type Verdict } from '@sluice/contracts';
import { z } from 'zod';
import { signEnvelope, type Envelope } from './dsse.ts';
import type { SigningKeys } from './signing-keys.ts';

export const statementType = 'application/vnd.in-toto+json';
const predicateType = 'https://slsa.dev/verification_summary/v1';
const verifierId = 'urn:sluice:gate';

const digestSet = z.record(z.string(), z.string());

/**
 * A decision on a package version in a scope as a verification summary: the files by their digests, the policy, and the evidence that it
 * rests on. `sluice` is beside the fields that SLSA names.
 * Source: https://in-toto.io/Statement/v1 and https://slsa.dev/spec/v1.1/verification_summary.
 */
export const verdictStatementSchema = z.looseObject({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  subject: z.array(z.looseObject({ name: z.string(), digest: digestSet })).min(1),
  predicateType: z.literal(predicateType),
  predicate: z.looseObject({
    verifier: z.looseObject({ id: z.string() }),
    timeVerified: z.iso.datetime({ offset: true }),
    resourceUri: z.string(),
    policy: z.looseObject({ uri: z.string() }),
    inputAttestations: z.array(z.looseObject({ uri: z.string(), digest: digestSet })),
    verificationResult: z.enum(['PASSED', 'FAILED']),
    verifiedLevels: z.array(z.string()),
    sluice: z.looseObject({
      scope: z.string(),
      decision: decisionSchema
        .pick({ state: true, by: true, at: true, until: true, sequence: true })
        .nullable(),
      outcome: z.string(),
      codes: z.array(z.string()),
      waivers: z.array(z.string()),
    }),
  }),
});
export type VerdictStatement = z.infer<typeof verdictStatementSchema>;

/** What a statement is made of. */
export interface Decided {
  purl: string;
  scope: string;
  verdict: Verdict;
  /** The decision that holds; null while there is none. */
  decision: Decision | null;
  download: DownloadEvidence;
  /** Digests of documents of evidence in the artifact store, `sha256:…`, by their names. */
  evidence: Readonly<Record<string, string>>;
}

/** States a decision over the files that it names. Pure. @returns null when no file was verified. */
export function verdictStatement(decided: Decided): VerdictStatement | null {
  const { purl, scope, verdict, decision, download, evidence } = decided;
  const subject = download.files.flatMap(({ file, digests }) => {
    if (digests === null) return [];
    const { sha256, sha512 } = digests;
    // An approval is of the bytes that it names; older ones name none.
    const isNamed = !decision?.digests?.length || decision.digests.includes(`sha512:${sha512}`);
    return isNamed ? [{ name: file, digest: { sha256, sha512 } }] : [];
  });
  if (subject.length === 0) return null;
  const isApproved = decision?.state === 'approved';
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject,
    predicateType,
    predicate: {
      verifier: { id: verifierId },
      timeVerified: verdict.judgedAt,
      resourceUri: purl,
      policy: { uri: `urn:sluice:policy:${scope}:${verdict.policyVersion}` },
      inputAttestations: Object.entries(evidence).map(([name, digest]) => ({
        uri: `urn:sluice:evidence:${name}`,
        digest: { sha256: digest.replace(/^sha256:/, '') },
      })),
      verificationResult: isApproved ? 'PASSED' : 'FAILED',
      verifiedLevels: isApproved ? ['SLUICE_APPROVED'] : [],
      sluice: {
        scope,
        decision: decision && {
          state: decision.state,
          by: decision.by,
          at: decision.at,
          until: decision.until,
          sequence: decision.sequence,
        },
        outcome: verdict.outcome,
        codes: [...new Set(verdict.reasons.map(({ code }) => code))],
        waivers: [...new Set(verdict.reasons.flatMap(({ waivedBy }) => waivedBy ?? []))],
      },
    },
  };
}

export function signStatement(statement: VerdictStatement, keys: SigningKeys): Envelope {
  return signEnvelope(statementType, Buffer.from(JSON.stringify(statement)), keys);
}
