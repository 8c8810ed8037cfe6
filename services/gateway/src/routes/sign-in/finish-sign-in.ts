import type { OpenAPIHono } from '@hono/zod-openapi';
import { isCoded } from '@sluice/contracts';
import { recordAudit, withOutbox } from '@sluice/delivery';
import type { SignedIn } from '@sluice/identity';
import type { GatewayDeps } from '../../deps.ts';
import { clientAddressOf } from '../../http/client-address.ts';
import { takeSignIn } from '../../sign-in/begun-sign-ins.ts';
import { completeSignIn, type Browser } from '../../sign-in/complete-sign-in.ts';
import { dropCookie, readCookie, writeCookie } from '../../sign-in/cookies.ts';
import { requireSignIn } from './begin-sign-in.ts';
import { withErrorPage } from './error-page.ts';

/** `GET /sign-in/callback`: the provider sends the browser back to it, with a code or a refusal. */
export function finishSignIn(app: OpenAPIHono, deps: GatewayDeps): void {
  app.get('/sign-in/callback', (c) =>
    withErrorPage(c, async () => {
      const { provider, rules } = requireSignIn(deps);
      const begun = await takeSignIn(deps.own, readCookie(c, 'begun'), new Date());
      dropCookie(c, 'begun');
      const signedIn = await provider.finish(new URL(c.req.url).searchParams, begun);
      const browser = {
        sessionCookie: readCookie(c, 'session'),
        address: clientAddressOf(c, deps),
        userAgent: c.req.header('user-agent'),
      };
      const complete = () =>
        withOutbox(deps.own, (tx) =>
          completeSignIn(tx, signedIn, browser, rules, begun.invitation, new Date()),
        );
      const { result, written } = await complete().catch(async (error: unknown) => {
        await noteRefusal(deps, signedIn, browser, error);
        throw error;
      });
      deps.published(written);
      writeCookie(c, 'session', result, rules.sessionMs / 1_000);
      return c.redirect(begun.returnPath, 303);
    }),
  );
}

/** A person whom the provider vouches for, and who was not let in, is in the audit. */
async function noteRefusal(
  { own, published }: GatewayDeps,
  { issuer, subject, name }: SignedIn,
  { address = null }: Omit<Browser, 'address'> & { address?: string | null | undefined },
  error: unknown,
): Promise<void> {
  if (!isCoded(error) || !error.code.startsWith('access.')) return;
  const detail = { code: error.code, why: (error as Error).message, issuer, subject, address };
  const act = {
    actor: name,
    action: 'sign-in',
    subject: `person ${name}`,
    outcome: 'denied' as const,
    detail,
  };
  const { written } = await withOutbox(own, (tx) => recordAudit(tx, 'gateway', act));
  published(written);
}
