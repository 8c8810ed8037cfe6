import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A person as the provider knows them. */
export interface FakePerson {
  subject: string;
  /** Beside the subject: `email`, `groups` and the like. Addresses are verified, unless `email_verified` is here. */
  claims: Record<string, unknown>;
}

/** An identity provider over local HTTP, which signs each browser in at once as the person that it is told. */
export interface FakeIdentityProvider {
  /** The issuer. */
  url: string;
  clientId: string;
  clientSecret: string;
  /** Who signs in from now on. */
  person: FakePerson;
  stop(): Promise<void>;
}

/** The claims that it gives when asked for the scopes. */
const claims = {
  openid: ['sub'],
  email: ['email', 'email_verified'],
  profile: ['name', 'groups', '_claim_names', 'hasgroups', 'realm'],
};

/** Whose lifetime in seconds it wants to be told. */
const artifacts = ['AccessToken', 'AuthorizationCode', 'Grant', 'IdToken', 'Interaction', 'Session'];

/**
 * @param redirectUri where it sends browsers back to.
 * @param inToken whether the ID token has the claims of a person, or the userinfo endpoint alone.
 */
export async function startFakeIdentityProvider(
  redirectUri: string,
  { inToken = true }: { inToken?: boolean } = {},
): Promise<FakeIdentityProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [clientId, clientSecret] = ['sluice', 's'.repeat(43)];
  const fake: FakeIdentityProvider = {
    url,
    clientId,
    clientSecret,
    person: { subject: 'nobody', claims: {} },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const Provider = await quietly(async () => (await import('oidc-provider')).default);
  const provider = await quietly(
    async () =>
      new Provider(url, {
        clients: [
          {
            client_id: clientId,
            client_secret: clientSecret,
            redirect_uris: [redirectUri],
            grant_types: ['authorization_code'],
            response_types: ['code'],
          },
        ],
        claims,
        conformIdTokenClaims: !inToken,
        ttl: Object.fromEntries(artifacts.map((name) => [name, 600])),
        cookies: { keys: ['k'.repeat(43)] },
        features: { devInteractions: { enabled: false } },
        interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
        findAccount: (_: unknown, accountId: string) => ({
          accountId,
          claims: () => ({ email_verified: true, ...fake.person.claims, sub: accountId }),
        }),
      }),
  );
  const callback = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/') !== true) return callback(request, response);
    void (async () => {
      const { subject } = fake.person;
      const grant = new provider.Grant({ accountId: subject, clientId });
      grant.addOIDCScope(Object.keys(claims).join(' '));
      await provider.interactionFinished(request, response, {
        login: { accountId: subject, remember: false },
        consent: { grantId: await grant.save() },
      });
    })();
  });
  return fake;
}

/** The provider says on each start that Node is older than it would like, and that its keys are for tests. */
async function quietly<Result>(work: () => Promise<Result>): Promise<Result> {
  const { info, warn } = console;
  console.info = console.warn = () => {};
  try {
    return await work();
  } finally {
    Object.assign(console, { info, warn });
  }
}
