import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayDeps } from '../../deps.ts';
import { approveInEmergency } from './approve-in-emergency.ts';
import { decidePackage } from './decide-package.ts';
import { getPackage } from './get-package.ts';
import { listInstalls } from './list-installs.ts';
import { listPackages } from './list-packages.ts';

export function addPackageRoutes(app: OpenAPIHono, deps: GatewayDeps): void {
  listPackages(app, deps);
  getPackage(app, deps);
  decidePackage(app, deps, 'approve');
  decidePackage(app, deps, 'reject');
  approveInEmergency(app, deps);
  listInstalls(app, deps);
}
