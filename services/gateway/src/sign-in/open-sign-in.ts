import { createEgress } from '@sluice/egress';
import { SignInProvider, type ProviderFetch } from '@sluice/identity';
import { egressOptions, type ServiceContext } from '@sluice/runtime';
import type { GatewayConfig } from '../config.ts';
import type { SignInRules } from './complete-sign-in.ts';

/** Documents and tokens of a provider have some kilobytes. */
const answerMaxBytes = 1024 * 1024;
const answerMs = 10_000;
const [minuteMs, hourMs] = [60_000, 3_600_000];

/** How people sign in. */
export interface SignIn {
  provider: Pick<SignInProvider, 'begin' | 'finish' | 'issuer'>;
  rules: SignInRules;
  idleMs: number;
  /** Where people reach the API. */
  publicUrl: string;
}

/** Sign-in by the provider that the configuration names; null where it names none. The provider is asked through the egress. */
export function openSignIn({
  config,
  onStop,
}: Pick<ServiceContext<GatewayConfig>, 'config' | 'onStop'>): SignIn | null {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = config;
  const { PUBLIC_URL: publicUrl } = config;
  if (!issuer || !clientId || !clientSecret || !publicUrl) return null;
  const egress = createEgress({
    ...egressOptions(config),
    // A provider within the network is the operator's to name; hosts of its endpoints beside it are in EGRESS_ALLOW_HOSTS.
    trustedOrigins: [issuer],
    perHostConcurrency: 8,
  });
  onStop('egress of the sign-in', () => egress.close());
  const fetch: ProviderFetch = async (url, { method, headers, body }) => {
    const { status, bytes, ...answer } = await egress.getBytes(url, {
      headers: withoutOwn(headers),
      accept: headers['accept'] ?? 'application/json',
      maxBytes: answerMaxBytes,
      deadlineMs: answerMs,
      ...(method === 'POST'
        ? { post: { body: bodyText(body), type: headers['content-type'] ?? formType } }
        : {}),
    });
    return new Response(new Uint8Array(bytes), { status, headers: answer.headers });
  };
  const settings = {
    issuer,
    clientId,
    clientSecret,
    redirectUri: new URL('/sign-in/callback', publicUrl).href,
    scope: config.OIDC_SCOPE,
    groupsClaim: config.OIDC_GROUPS_CLAIM,
    nameClaim: config.OIDC_NAME_CLAIM,
  };
  return {
    provider: new SignInProvider(settings, fetch),
    rules: {
      groups: config.OIDC_GROUPS,
      adminSubjects: config.ADMIN_SUBJECTS,
      sessionMs: config.SESSION_HOURS * hourMs,
    },
    idleMs: config.SESSION_IDLE_MINUTES * minuteMs,
    publicUrl,
  };
}

const formType = 'application/x-www-form-urlencoded';

/** The library sends texts and forms. */
const bodyText = (body: unknown) =>
  body instanceof URLSearchParams || typeof body === 'string' ? String(body) : '';

/** Headers that the egress writes itself. */
function withoutOwn(headers: Record<string, string>): Record<string, string> {
  const own = new Set(['accept', 'content-type', 'user-agent']);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.has(name.toLowerCase())));
}
