import type { OpenAPIHono } from '@hono/zod-openapi';
import { PermanentError } from '@sluice/contracts';
import type { GatewayDeps } from '../../deps.ts';
import { begunSeconds, rememberSignIn } from '../../sign-in/begun-sign-ins.ts';
import { writeCookie } from '../../sign-in/cookies.ts';
import type { SignIn } from '../../sign-in/open-sign-in.ts';
import { returnPath } from '../../sign-in/return-path.ts';
import { withErrorPage } from './error-page.ts';

/** `GET /sign-in?to=/path`: sends the browser to the provider. */
export function beginSignIn(app: OpenAPIHono, deps: GatewayDeps): void {
  app.get('/sign-in', (c) =>
    withErrorPage(c, async () => {
      const { provider } = requireSignIn(deps);
      const { url, ...begun } = await provider.begin();
      const remembered = { ...begun, returnPath: returnPath(c.req.query('to')) };
      writeCookie(c, 'begun', await rememberSignIn(deps.own, remembered, new Date()), begunSeconds);
      return c.redirect(url.href, 303);
    }),
  );
}

/** @throws PermanentError `access.no-sign-in`. */
export function requireSignIn({ signIn }: Pick<GatewayDeps, 'signIn'>): SignIn {
  if (signIn) return signIn;
  throw new PermanentError('access.no-sign-in', 'No provider is configured by which people sign in.');
}
