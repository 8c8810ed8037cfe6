import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayDeps } from '../../deps.ts';
import { approveInEmergency } from './approve-in-emergency.ts';
import { decideMany, previewDecisions } from './decide-many.ts';
import { decidePackage } from './decide-package.ts';
import { getApprovalDebt } from './get-approval-debt.ts';
import { getPackage } from './get-package.ts';
import { listInstalls } from './list-installs.ts';
import { getSignedVerdict, listSigningKeys } from './signed-verdict.ts';
import { createWaiver, endWaiver, listWaivers } from './waivers.ts';
import { listPolicies, tryPolicy } from './policies.ts';
import { listPackages } from './list-packages.ts';

export function addPackageRoutes(app: OpenAPIHono, deps: GatewayDeps): void {
  listPackages(app, deps);
  getPackage(app, deps);
  getSignedVerdict(app, deps);
  decidePackage(app, deps, 'approve');
  decidePackage(app, deps, 'reject');
  approveInEmergency(app, deps);
  decideMany(app, deps);
  previewDecisions(app, deps);
  getApprovalDebt(app, deps);
  listInstalls(app, deps);
  listPolicies(app, deps);
  tryPolicy(app, deps);
  listSigningKeys(app, deps);
  createWaiver(app, deps);
  endWaiver(app, deps);
  listWaivers(app, deps);
}
