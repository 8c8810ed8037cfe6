import { TransientError } from '@sluice/contracts';

/** Codes of X.509 verification and of Node's own check of names; see `tls.TLSSocket.authorizationError`. */
const certificateCodes = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** An operator has to act, so that asking more often is useless. */
const certificateRetryMs = 15_000;

/**
 * A certificate that is not accepted: no outage that passes, but none of its packages' fault either. The stage waits at
 * the first one, and names the setting.
 * @returns null for any other error.
 */
export function certificateError(host: string, cause: unknown): TransientError | null {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (!certificateCodes.has(code)) return null;
  const remedy =
    code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID'
      ? 'Renew it, or set the clock of this machine.'
      : code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH'
        ? 'Use the name that it was issued for.'
        : 'Set EGRESS_CA_FILE to a file with the authority that issued it.';
  return new TransientError(
    'egress.certificate',
    `${host}: its certificate is not accepted (${code}). ${remedy}`,
    {
      cause,
      host,
      retryAfterMs: certificateRetryMs,
    },
  );
}
