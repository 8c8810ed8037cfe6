/** The REST API: accepts requests, answers from read models, relays commands. */
export { createAdminKey } from './access/admin-key.ts';
export { createInvitation } from './sign-in/invitations.ts';
export { gatewayConfig } from './config.ts';
export { gatewayMigrations, gatewayService, gatewayServiceOf } from './service.ts';
