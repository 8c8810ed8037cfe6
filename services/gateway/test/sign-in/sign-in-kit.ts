import { authenticator } from '@sluice/identity';
import { findKey } from '../../src/access/api-keys.ts';
import { createApp } from '../../src/app.ts';
import { gatewayConfig } from '../../src/config.ts';
import type { GatewayDeps } from '../../src/deps.ts';
import { openSignIn } from '../../src/sign-in/open-sign-in.ts';
import { sessionDoor } from '../../src/sign-in/sessions.ts';
import type { testGateway } from '../gateway-kit.ts';
import { afterAll } from 'vitest';

/** Where the tests' browsers reach the API; nothing listens there. */
export const publicUrl = 'http://127.0.0.1:8080';
export const redirectUri = `${publicUrl}/sign-in/callback`;

interface Provider {
  url: string;
  clientId: string;
  clientSecret: string;
}

/** The API of a gateway where people sign in by a provider, and no request is let in without. */
export function appWithSignIn(
  deps: GatewayDeps,
  provider: Provider,
  settings: Record<string, string> = {},
): { app: ReturnType<typeof createApp>; deps: GatewayDeps } {
  const config = gatewayConfig.parse({
    NATS_URL: 'nats://127.0.0.1:4222',
    DATABASE_URL: 'postgres://127.0.0.1/x',
    ARTIFACTS_DIR: '/nowhere',
    PUBLIC_URL: publicUrl,
    OIDC_ISSUER: provider.url,
    OIDC_CLIENT_ID: provider.clientId,
    OIDC_CLIENT_SECRET: provider.clientSecret,
    ...settings,
  });
  const stops: (() => unknown)[] = [];
  const signIn = openSignIn({ config, onStop: (_, stop) => stops.push(stop) })!;
  afterAll(async () => {
    for (const stop of stops) await stop();
  });
  const authenticate = authenticator({
    findKey: (id) => findKey(deps.own, id),
    sessions: sessionDoor(deps.own, signIn.idleMs),
    localKey: undefined,
    isOpen: false,
    localName: 'mira',
  });
  const all = { ...deps, signIn, authenticate };
  return { app: createApp(all), deps: all };
}

export type App = Pick<Awaited<ReturnType<typeof testGateway>>['app'], 'request'>;

/** As far as a sign-in needs one: it keeps cookies, of the API and of others apart, and follows redirects. */
export class Browser {
  readonly #app: App;
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(app: App) {
    this.#app = app;
  }

  /** The API's cookies by name. */
  get cookies(): Map<string, string> {
    return this.#jar(publicUrl);
  }

  /** Sends one request, to the API or to the provider. */
  async send(address: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(address, publicUrl);
    const jar = this.#jar(url.origin);
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const request = { ...init, headers, redirect: 'manual' as const };
    const response =
      url.origin === publicUrl
        ? await this.#app.request(url.pathname + url.search, request)
        : await fetch(url, request);
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = cookie.split('; ');
      const at = pair.indexOf('=');
      if (attributes.includes('Max-Age=0') || pair.slice(at + 1) === '') jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  /**
   * Follows redirects until an address of the API that is none of the sign-in's own.
   * @returns all addresses that were opened, and the last answer.
   */
  async open(address: string): Promise<{ trail: string[]; response: Response }> {
    const trail = [address];
    for (;;) {
      const response = await this.send(trail.at(-1)!);
      const location = response.headers.get('location');
      if (location === null || trail.length > 20) return { trail, response };
      trail.push(new URL(location, new URL(trail.at(-1)!, publicUrl)).href);
    }
  }

  /** Asks the API, as a script of its own page does. */
  post(path: string, body: object): Promise<Response> {
    const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
    return this.send(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  #jar(origin: string): Map<string, string> {
    const jar = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, jar);
    return jar;
  }
}

export const codeOf = async (response: Response) => [
  response.status,
  ((await response.json()) as { code?: string }).code,
];
