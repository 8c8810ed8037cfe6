import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayDeps } from '../../deps.ts';
import { archiveProject } from './archive-project.ts';
import { changeProject } from './change-project.ts';
import { createProject } from './create-project.ts';
import { getProject } from './get-project.ts';
import { getRefresh } from './get-refresh.ts';
import { getRefreshDiff } from './get-refresh-diff.ts';
import { listProjects } from './list-projects.ts';
import { listRefreshes } from './list-refreshes.ts';
import { receiveHook } from './receive-hook.ts';
import { refreshProject } from './refresh-project.ts';
import { renewHook } from './renew-hook.ts';

export function addProjectRoutes(app: OpenAPIHono, deps: GatewayDeps): void {
  createProject(app, deps);
  listProjects(app, deps);
  getProject(app, deps);
  changeProject(app, deps);
  archiveProject(app, deps);
  refreshProject(app, deps);
  listRefreshes(app, deps);
  getRefresh(app, deps);
  getRefreshDiff(app, deps);
  renewHook(app, deps);
  receiveHook(app, deps);
}
