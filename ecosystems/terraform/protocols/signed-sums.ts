import type { SignatureEvidence } from '@sluice/contracts';
import { optional, type Documents } from './documents.ts';
import { addressIn } from './read-version.ts';
import { verifySignature } from './signature.ts';
import { readSums, type SumLine } from './sums.ts';

const sumsBytesMax = 1024 * 1024;
const signatureBytesMax = 64 * 1024;

/** The part of a registry's answer that says where the signed list of digests is. */
export interface SignedStatement {
  filename: string;
  shasum: string;
  shasums_url?: string | null | undefined;
  shasums_signature_url?: string | null | undefined;
  signing_keys?: { gpg_public_keys?: { ascii_armor: string }[] | null | undefined } | null | undefined;
}

/** The list of digests, and whether the publisher signed it. */
export async function readSigned(
  documents: Documents,
  document: SignedStatement,
  from: string,
  signal: AbortSignal,
): Promise<{ sums: SumLine[]; signature: SignatureEvidence }> {
  const sumsUrl = document.shasums_url ? addressIn(document.shasums_url, from) : null;
  const signatureUrl = document.shasums_signature_url
    ? addressIn(document.shasums_signature_url, from)
    : null;
  const sumsRequest = { maxBytes: sumsBytesMax, accept: '*/*' };
  const list = sumsUrl === null ? null : await optional(documents.bytes(sumsUrl, sumsRequest, signal));
  const sums = list === null ? [] : readSums(list.bytes.toString('utf8'));
  const failed = (detail: string): SignatureEvidence => ({ status: 'failed', key: null, detail });
  if (sumsUrl === null || signatureUrl === null) {
    const detail = 'The registry states no signed list of digests.';
    return { sums, signature: { status: 'unavailable', key: null, detail } };
  }
  const signatureRequest = { maxBytes: signatureBytesMax, accept: '*/*' };
  const signature = await optional(documents.bytes(signatureUrl, signatureRequest, signal));
  if (list === null || signature === null)
    return { sums, signature: failed('The registry does not have the signed list that it states.') };
  const line = sums.find(({ file }) => file === document.filename);
  if (line?.hex !== document.shasum)
    return {
      sums,
      signature: failed(
        `The list of digests states ${line?.hex ?? 'nothing'}, the registry ${document.shasum}.`,
      ),
    };
  const keys = (document.signing_keys?.gpg_public_keys ?? []).map(({ ascii_armor }) => ascii_armor);
  return { sums, signature: await verifySignature(list.bytes, signature.bytes, keys) };
}
