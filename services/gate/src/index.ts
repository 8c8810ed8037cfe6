/** The gate: package managers install through it, and only what is approved. */
export type { GateConfig } from './config.ts';
export { gateService } from './service.ts';
