import { PermanentError, TransientError } from '@sluice/contracts';
import { createRemoteJWKSet, customFetch, decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose';
import type { TrustRule } from './trust-rules.ts';

/** Signatures that count; never one with a shared secret, whose text could be the public key. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'];
/** How far two clocks may be apart. */
const skewSeconds = 60;
/** No build system's tokens live longer; a token that does was made for something else. */
const ageMaxSeconds = 24 * 3_600;
/** A key that is not known is looked for once in this time: tokens with made-up keys must not have the issuer asked again and again. */
const askedAgainAfterMs = 60_000;
const keysKeptMs = 10 * 60_000;
const answerMs = 5_000;
const tokenMaxChars = 16_384;

/** Fetches a document of an issuer. @throws TransientError when it cannot be had. */
export type FetchDocument = (url: string) => Promise<Buffer>;

/** A token that counts. */
export interface TrustedToken {
  rule: TrustRule;
  issuer: string;
  /** The token's own id: it counts once. */
  tokenId: string;
  expiresAt: Date;
  claims: Readonly<Record<string, unknown>>;
}

type Keys = ReturnType<typeof createRemoteJWKSet>;

/**
 * Verifies tokens with which build systems say who they are: signed by an issuer that a rule names, for our audience and no other, not
 * ended, and with the claims of a rule.
 */
export class IdTokens {
  readonly #rules: readonly TrustRule[];
  readonly #fetch: FetchDocument;
  readonly #keys = new Map<string, Promise<Keys>>();

  constructor(rules: readonly TrustRule[], fetch: FetchDocument) {
    this.#rules = rules;
    this.#fetch = fetch;
  }

  /**
   * @throws PermanentError `access.token-refused` with the reason; TransientError `access.issuer-unavailable`, when the keys of its issuer
   * cannot be had.
   */
  async verify(token: string, now = new Date()): Promise<TrustedToken> {
    const issuer = issuerOf(token);
    const rules = this.#rules.filter((rule) => rule.issuer === issuer);
    if (rules.length === 0) throw refused('No rule trusts its issuer.');
    const claims = await this.#verified(token, issuer, rules[0]!, now);
    const { aud, jti, exp } = claims;
    // A list of audiences is a token for others as well, who could show it here.
    const ours = rules.filter((rule) => aud === rule.audience);
    if (ours.length === 0) throw refused('It is for another audience, or for several.');
    const rule = ours.find((one) =>
      Object.entries(one.claims).every(([name, value]) => isClaim(claims[name], value)),
    );
    if (!rule) throw refused('No rule has its claims.');
    return { rule, issuer, tokenId: jti!, expiresAt: new Date(exp! * 1_000), claims };
  }

  async #verified(token: string, issuer: string, { keysUrl }: TrustRule, now: Date): Promise<JWTPayload> {
    const keys = await this.#keysOf(issuer, keysUrl);
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        algorithms,
        requiredClaims: ['exp', 'iat', 'jti'],
        clockTolerance: skewSeconds,
        maxTokenAge: ageMaxSeconds,
        currentDate: now,
      });
      if (typeof payload.jti !== 'string' || payload.jti === '' || payload.jti.length > 500)
        throw refused('It has no id of its own.');
      return payload;
    } catch (error) {
      throw asRefusal(error, issuer);
    }
  }

  #keysOf(issuer: string, keysUrl: string | undefined): Promise<Keys> {
    const known = this.#keys.get(issuer);
    if (known) return known;
    const opening = this.#open(issuer, keysUrl);
    this.#keys.set(issuer, opening);
    opening.catch(() => this.#keys.delete(issuer));
    return opening;
  }

  async #open(issuer: string, keysUrl: string | undefined): Promise<Keys> {
    const url = keysUrl ?? (await this.#discover(issuer));
    return createRemoteJWKSet(new URL(url), {
      cooldownDuration: askedAgainAfterMs,
      cacheMaxAge: keysKeptMs,
      timeoutDuration: answerMs,
      [customFetch]: async () => Response.json(jsonOf(await this.#fetch(url), issuer)),
    });
  }

  /** Source: OpenID Connect Discovery 1.0, section 4. */
  async #discover(issuer: string): Promise<string> {
    const answer = await this.#fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const { issuer: stated, jwks_uri: uri } = jsonOf(answer, issuer);
    if (stated !== issuer || typeof uri !== 'string' || !URL.canParse(uri))
      throw unavailable(issuer, 'its discovery document is another issuer’s, or names no keys');
    return uri;
  }
}

function issuerOf(token: string): string {
  if (token.length > tokenMaxChars) throw refused('It is too long.');
  try {
    const { iss } = decodeJwt(token);
    if (typeof iss === 'string') return iss;
  } catch {
    // Told below.
  }
  throw refused('It is no token that names its issuer.');
}

/** Numbers and booleans count as their texts: issuers write ids either way. */
function isClaim(claim: unknown, wanted: string): boolean {
  return ['string', 'number', 'boolean'].includes(typeof claim) && String(claim) === wanted;
}

function jsonOf(answer: Buffer, issuer: string): Record<string, unknown> {
  try {
    const json = JSON.parse(answer.toString()) as unknown;
    if (typeof json === 'object' && json !== null) return json as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw unavailable(issuer, 'its answer is no JSON');
}

function asRefusal(error: unknown, issuer: string): Error {
  if (error instanceof PermanentError || error instanceof TransientError) return error;
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid)
    return unavailable(issuer, 'its keys cannot be read', error);
  if (error instanceof errors.JWTExpired) return refused('It has ended.', error);
  if (error instanceof errors.JWKSNoMatchingKey)
    return refused('Its issuer does not have the key that it is signed with.', error);
  if (error instanceof errors.JWTClaimValidationFailed)
    return refused(`Its claim "${error.claim}" is missing, or wrong.`, error);
  if (error instanceof errors.JOSEError) return refused('Its signature does not count.', error);
  return error as Error;
}

function refused(why: string, cause?: unknown): PermanentError {
  return new PermanentError('access.token-refused', `The token does not count: ${why}`, { cause });
}

function unavailable(issuer: string, why: string, cause?: unknown): TransientError {
  return new TransientError('access.issuer-unavailable', `${issuer}: ${why}.`, { cause });
}
