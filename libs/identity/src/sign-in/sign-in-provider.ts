import { PermanentError, TransientError, isCoded } from '@sluice/contracts';
import * as client from 'openid-client';
import { readGroups } from './read-groups.ts';

/** Signatures that count; never one with a shared secret, whose text could be the public key. */
const algorithms: readonly string[] = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'];
/** How far two clocks may be apart. */
const skewSeconds = 60;
const answerSeconds = 10;
/** OpenID Connect Core, 2. */
const subjectMaxChars = 255;

export interface SignInSettings {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Where the provider sends the browser back to. */
  redirectUri: string;
  /** Scopes that the provider is asked for, with blanks. */
  scope: string;
  /** The claim with the groups; see `readGroups`. */
  groupsClaim: string;
  /** The claim with the name under which the acts of the person are recorded. */
  nameClaim: string;
}

/** Remembered until the provider sends the browser back. */
export interface BegunSignIn {
  state: string;
  nonce: string;
  codeVerifier: string;
}

/** A person, as the provider vouches for. */
export interface SignedIn {
  issuer: string;
  subject: string;
  name: string;
  groups: string[];
}

/** Sends a request to the provider; the egress of the service. */
export type ProviderFetch = client.CustomFetch;

/**
 * Signs people in by OpenID Connect: authorization code with PKCE (RFC 7636, S256), state and nonce. The ID token counts when
 * its signature is right by the provider's keys, and it is for us alone; no token is kept.
 */
export class SignInProvider {
  readonly #settings: SignInSettings;
  readonly #fetch: ProviderFetch;
  #provider: Promise<client.Configuration> | null = null;

  constructor(settings: SignInSettings, fetch: ProviderFetch) {
    this.#settings = settings;
    this.#fetch = fetch;
  }

  get issuer(): string {
    return this.#settings.issuer;
  }

  /**
   * @returns where the browser goes, and the parts to be remembered.
   * @throws TransientError `access.issuer-unavailable`.
   */
  async begin(): Promise<BegunSignIn & { url: URL }> {
    const provider = await this.#discovered();
    const [state, nonce] = [client.randomState(), client.randomNonce()];
    const codeVerifier = client.randomPKCECodeVerifier();
    const { redirectUri, scope } = this.#settings;
    const url = client.buildAuthorizationUrl(provider, {
      redirect_uri: redirectUri,
      scope,
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    });
    return { url, state, nonce, codeVerifier };
  }

  /**
   * @param query of the address to which the provider sent the browser back.
   * @throws PermanentError `access.sign-in-refused`, `access.groups-overage`; TransientError `access.issuer-unavailable`.
   */
  async finish(query: URLSearchParams, begun: BegunSignIn): Promise<SignedIn> {
    const { redirectUri, groupsClaim, nameClaim, issuer } = this.#settings;
    const provider = await this.#discovered();
    const url = new URL(redirectUri);
    url.search = query.toString();
    try {
      const tokens = await client.authorizationCodeGrant(provider, url, {
        expectedState: begun.state,
        expectedNonce: begun.nonce,
        pkceCodeVerifier: begun.codeVerifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims()!;
      this.#requireOurs(tokens.id_token!, claims);
      let groups = readGroups(claims, groupsClaim);
      let name = nameIn(claims, nameClaim);
      if ((groups === null || name === undefined) && provider.serverMetadata().userinfo_endpoint) {
        const more = await client.fetchUserInfo(provider, tokens.access_token, claims.sub);
        groups ??= readGroups(more, groupsClaim);
        name ??= nameIn(more, nameClaim);
      }
      return { issuer, subject: claims.sub, name: nameOf(name, claims.sub), groups: groups ?? [] };
    } catch (error) {
      throw asRefusal(error, issuer);
    }
  }

  /** Refuses three kinds that the library takes: tokens for others as well, without a subject, or signed with a shared secret. */
  #requireOurs(idToken: string, { aud, iss, sub }: client.IDToken): void {
    if (sub === '' || sub.length > subjectMaxChars) throw refused('Its token names nobody.');
    if (iss !== this.#settings.issuer) throw refused('Its token is of another issuer.');
    if (aud !== this.#settings.clientId) throw refused('Its token is for another audience, or for several.');
    const header = JSON.parse(Buffer.from(idToken.split('.')[0]!, 'base64url').toString()) as {
      alg?: unknown;
    };
    if (!algorithms.includes(String(header.alg)))
      throw refused('Its token has a signature that does not count.');
  }

  /** Asked once; again after a failure. */
  #discovered(): Promise<client.Configuration> {
    if (this.#provider) return this.#provider;
    const { issuer, clientId, clientSecret } = this.#settings;
    const url = new URL(issuer);
    const execute = [client.enableNonRepudiationChecks];
    // Configuration takes plain http for a provider of this machine alone.
    if (url.protocol === 'http:') execute.push(client.allowInsecureRequests);
    const metadata = { [client.clockTolerance]: skewSeconds };
    const options = { [client.customFetch]: this.#fetch, execute, timeout: answerSeconds };
    const auth = client.ClientSecretBasic(clientSecret);
    this.#provider = client.discovery(url, clientId, metadata, auth, options).catch((error: unknown) => {
      this.#provider = null;
      throw unavailable(issuer, error);
    });
    return this.#provider;
  }
}

const nameMaxChars = 200;

/** An address counts only where the provider says that it has verified it: another one could be another person's. */
function nameIn(claims: Readonly<Record<string, unknown>>, claim: string): unknown {
  const isUnverified = claim === 'email' && claims['email_verified'] !== true;
  return isUnverified ? undefined : claims[claim];
}

/** The subject stands for a name that is none. */
function nameOf(name: unknown, subject: string): string {
  const isName = typeof name === 'string' && name.trim() === name && name !== '' && !/\p{C}/u.test(name);
  return isName && name.length <= nameMaxChars ? name : subject.slice(0, nameMaxChars);
}

const refused = (why: string, cause?: unknown) =>
  new PermanentError('access.sign-in-refused', why, { cause });

function unavailable(issuer: string, cause: unknown): TransientError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TransientError('access.issuer-unavailable', `${issuer}: ${why}`, { cause });
}

/** A provider that says no is a refusal, one that does not answer an outage. */
function asRefusal(error: unknown, issuer: string): Error {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof TransientError) return unavailable(issuer, at);
    if (isCoded(at)) return at;
  }
  if (error instanceof client.AuthorizationResponseError)
    return refused(
      `The provider says ${error.error}: ${error.error_description ?? 'without a reason'}.`,
      error,
    );
  if (error instanceof client.ResponseBodyError)
    return refused(
      `The provider says ${error.error}: ${error.error_description ?? 'without a reason'}.`,
      error,
    );
  if (error instanceof client.ClientError || error instanceof TypeError)
    return refused(`The answer of the provider does not count: ${error.message}.`, error);
  return error as Error;
}
