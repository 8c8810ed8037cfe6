import type { OpenAPIHono } from '@hono/zod-openapi';
import { PermanentError } from '@sluice/contracts';
import type { Context } from 'hono';
import type { GatewayDeps } from '../../deps.ts';
import { begunSeconds, rememberSignIn, type RememberedSignIn } from '../../sign-in/begun-sign-ins.ts';
import { writeCookie } from '../../sign-in/cookies.ts';
import type { SignIn } from '../../sign-in/open-sign-in.ts';
import { returnPath } from '../../sign-in/return-path.ts';
import { withErrorPage } from './error-page.ts';

/** `GET /sign-in?to=/path`: sends the browser to the provider. */
export function beginSignIn(app: OpenAPIHono, deps: GatewayDeps): void {
  app.get('/sign-in', (c) =>
    withErrorPage(c, async () => {
      const to = await sendToProvider(c, deps, {
        returnPath: returnPath(c.req.query('to')),
        invitation: null,
      });
      return c.redirect(to, 303);
    }),
  );
}

/** Begins a sign-in of this browser. @returns the address of the provider. */
export async function sendToProvider(
  c: Context,
  deps: Pick<GatewayDeps, 'own' | 'signIn'>,
  about: Pick<RememberedSignIn, 'returnPath' | 'invitation'>,
): Promise<string> {
  const { url, ...begun } = await requireSignIn(deps).provider.begin();
  const cookie = await rememberSignIn(deps.own, { ...begun, ...about }, new Date());
  writeCookie(c, 'begun', cookie, begunSeconds);
  return url.href;
}

/** @throws PermanentError `access.no-sign-in`. */
export function requireSignIn({ signIn }: Pick<GatewayDeps, 'signIn'>): SignIn {
  if (signIn) return signIn;
  throw new PermanentError('access.no-sign-in', 'No provider is configured by which people sign in.');
}
