import { PermanentError } from '@sluice/contracts';
import { areBoth, type NatsConfig } from '@sluice/runtime';
import {
  credsAuthenticator,
  nkeyAuthenticator,
  type Authenticator,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import type { TopologyLimits } from '../streams/stream-configs.ts';

/** Where NATS is, and how a client shows who it is. At most one of the credentials is used, in this order. */
export interface NatsAccess {
  /** Several servers with commas, `nats://` or, for TLS alone, `tls://`. User and password may stand in it, or a token alone. */
  url: string;
  token?: string | undefined;
  /** Text of a credentials file: a user's JWT and seed. */
  creds?: string | undefined;
  /** Seed of an nkey. */
  nkey?: string | undefined;
  /** Certificate authorities, as PEM, instead of those that Node trusts. */
  ca?: string | undefined;
  /** The client's own certificate and its key, as PEM, for a broker that asks for one. */
  cert?: string | undefined;
  certKey?: string | undefined;
}

/** Options of the connection from a service's settings. */
export function busOptionsOf(config: NatsConfig): NatsAccess & { limits: TopologyLimits } {
  return {
    url: config.NATS_URL,
    token: config.NATS_TOKEN,
    creds: config.NATS_CREDS,
    nkey: config.NATS_NKEY,
    ca: config.NATS_CA,
    cert: config.NATS_CERT,
    certKey: config.NATS_CERT_KEY,
    limits: {
      eventsMaxAgeMs: config.EVENTS_MAX_DAYS * 86_400_000,
      eventsMaxBytes: config.EVENTS_MAX_BYTES,
      replicas: config.NATS_REPLICAS,
      placementTags: config.NATS_PLACEMENT_TAGS,
    },
  };
}

/**
 * Options of the NATS client, which reads no credentials out of an address.
 * @throws PermanentError `config.invalid` for a certificate without its key.
 */
export function accessOptions(access: NatsAccess): NodeConnectionOptions {
  const { url, token, creds, nkey, ca, cert, certKey: key } = access;
  if (!areBoth(cert, key))
    throw new PermanentError('config.invalid', 'NATS_CERT needs NATS_CERT_KEY, and the other way about.');
  const addresses = url.split(',').map((server) => withScheme(server.trim()));
  // The client speaks TLS to a broker that asks for it, and with this option to no other.
  const isSecured = ca || cert || addresses.some(({ protocol }) => protocol === 'tls:');
  const named = addresses.find(({ username }) => username !== '');
  const bytes = (text: string) => new TextEncoder().encode(text);
  const authenticators: Authenticator[] = [
    ...(creds ? [credsAuthenticator(bytes(creds))] : []),
    ...(nkey ? [nkeyAuthenticator(bytes(nkey.trim()))] : []),
  ];
  return {
    servers: addresses.map(({ protocol, host }) => `${protocol}//${host}`),
    ...(token ? { token } : {}),
    ...(named && !token ? userOf(named) : {}),
    ...(authenticators.length > 0 ? { authenticator: authenticators } : {}),
    ...(isSecured ? { tls: { ...(ca ? { ca } : {}), ...(cert && key ? { cert, key } : {}) } } : {}),
  };
}

const withScheme = (server: string) => new URL(server.includes('://') ? server : `nats://${server}`);

/** A user name without a password is a token, as in the other clients of NATS. */
function userOf({ username, password }: URL): { token: string } | { user: string; pass: string } {
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
  return pass === '' ? { token: user } : { user, pass };
}
