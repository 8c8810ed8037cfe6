import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayDeps } from '../../deps.ts';
import { beginSignIn } from './begin-sign-in.ts';
import { finishSignIn } from './finish-sign-in.ts';
import { signInPages } from './sign-in-pages.ts';

/** Pages by which people sign in with a browser. */
export function addSignInRoutes(app: OpenAPIHono, deps: GatewayDeps): void {
  beginSignIn(app, deps);
  finishSignIn(app, deps);
  signInPages(app);
}
