import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayDeps } from '../../deps.ts';
import { createApiKey } from './create-key.ts';
import { endOwnSession } from './end-session.ts';
import { exchangeIdToken } from './exchange-token.ts';
import { exportAuditEntries } from './export-audit.ts';
import { followInvitation } from './follow-invitation.ts';
import { getSelf } from './get-self.ts';
import { listAuditEntries } from './list-audit.ts';
import { listApiKeys } from './list-keys.ts';
import { listOwnSessions } from './list-sessions.ts';
import { revokeApiKey } from './revoke-key.ts';

export function addAccessRoutes(app: OpenAPIHono, deps: GatewayDeps): void {
  createApiKey(app, deps);
  listApiKeys(app, deps);
  revokeApiKey(app, deps);
  getSelf(app);
  listOwnSessions(app, deps);
  endOwnSession(app, deps);
  followInvitation(app, deps);
  listAuditEntries(app, deps);
  exchangeIdToken(app, deps);
  exportAuditEntries(app, deps);
}
