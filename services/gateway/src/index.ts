/** The REST API: accepts requests, answers from read models, relays commands. */
export { gatewayConfig } from './config.ts';
export { gatewayMigrations, gatewayService, gatewayServiceOf } from './service.ts';
