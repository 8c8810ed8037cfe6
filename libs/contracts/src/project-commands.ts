import { z } from 'zod';
import { actor } from './command-actor.ts';
import {
  projectSchema,
  quotaSchema,
  refreshCauses,
  refreshDetailSchema,
  refreshSchema,
  refreshStates,
} from './projects.ts';
import { scopeSchema } from './scope.ts';

const service = 'importer';

/** Fields of a project that people give. */
const wishes = projectSchema.pick({
  name: true,
  source: true,
  credential: true,
  lane: true,
  labels: true,
  schedule: true,
  plan: true,
}).shape;

const createInput = z.object({ ...actor, id: z.uuid(), scope: scopeSchema, ...wishes });
export type CreateProjectInput = z.infer<typeof createInput>;
/** `project` is null where the quota is used up. */
const createOutput = z.object({ project: projectSchema.nullable(), quota: quotaSchema });
export type CreateProjectOutput = z.infer<typeof createOutput>;
/** Sent again with the same id, it is the same project. */
export const createProjectCommand = {
  service,
  name: 'create-project',
  input: createInput,
  output: createOutput,
};

const changeInput = z.object({ ...actor, projectId: z.uuid(), changes: z.object(wishes).partial() });
export type ChangeProjectInput = z.infer<typeof changeInput>;
export const changeProjectCommand = {
  service,
  name: 'change-project',
  input: changeInput,
  output: projectSchema,
};

const aboutProject = z.object({ ...actor, projectId: z.uuid() });
export type AboutProjectInput = z.infer<typeof aboutProject>;
export const archiveProjectCommand = {
  service,
  name: 'archive-project',
  input: aboutProject,
  output: projectSchema,
};

const renewHookOutput = z.object({ project: projectSchema, round: z.number().int() });
export type RenewHookOutput = z.infer<typeof renewHookOutput>;
/** The secret of a webhook is made of the project's id and its round: another round, another secret. */
export const renewHookCommand = {
  service,
  name: 'renew-hook',
  input: aboutProject,
  output: renewHookOutput,
};

const refreshInput = z.object({
  ...actor,
  projectId: z.uuid(),
  /** Id of the refresh: sent again, it is the same one. */
  refreshId: z.uuid(),
  cause: z.enum(refreshCauses),
});
export type RefreshProjectInput = z.infer<typeof refreshInput>;
const refreshOutput = z.object({
  /** `exceeded`: the quota is used up; `postponed`: so it is, and the push is followed as soon as there is room. */
  result: z.enum(['started', 'joined', 'exceeded', 'postponed']),
  /** Null where none was started or joined. */
  refreshId: z.uuid().nullable(),
  state: z.enum(refreshStates).nullable(),
  quota: quotaSchema,
});
export type RefreshProjectOutput = z.infer<typeof refreshOutput>;
export const refreshProjectCommand = {
  service,
  name: 'refresh-project',
  input: refreshInput,
  output: refreshOutput,
};

const findProjectInput = z.object({ projectId: z.uuid() });
const findProjectOutput = z.object({
  project: projectSchema,
  quota: quotaSchema,
  /** Round of the webhook's secret; 0 for none. */
  hookRound: z.number().int(),
});
export type FindProjectOutput = z.infer<typeof findProjectOutput>;
/** A question rather than a command: a project as its owner has it. */
export const findProjectCommand = {
  service,
  name: 'find-project',
  input: findProjectInput,
  output: findProjectOutput,
};

const page = { limit: z.number().int().min(1).max(1_000) };
const listProjectsInput = z.object({
  ...page,
  /** Scopes that the reader may see; null for all. */
  scopes: z.array(scopeSchema).nullable(),
  scope: scopeSchema.nullable(),
  /** Archived ones in place of the others. */
  archived: z.boolean(),
  /** The last one of the page before. */
  after: z.object({ name: z.string(), id: z.uuid() }).nullable(),
});
export type ListProjectsInput = z.infer<typeof listProjectsInput>;
const listProjectsOutput = z.object({ projects: z.array(projectSchema) });
export type ListProjectsOutput = z.infer<typeof listProjectsOutput>;
/** A question rather than a command: projects by their names. */
export const listProjectsCommand = {
  service,
  name: 'list-projects',
  input: listProjectsInput,
  output: listProjectsOutput,
};

const listRefreshesInput = z.object({
  ...page,
  projectId: z.uuid(),
  after: z.object({ requestedAt: z.iso.datetime({ offset: true }), id: z.uuid() }).nullable(),
});
export type ListRefreshesInput = z.infer<typeof listRefreshesInput>;
const listRefreshesOutput = z.object({ refreshes: z.array(refreshSchema) });
export type ListRefreshesOutput = z.infer<typeof listRefreshesOutput>;
/** A question rather than a command: the refreshes of a project, newest first. */
export const listRefreshesCommand = {
  service,
  name: 'list-refreshes',
  input: listRefreshesInput,
  output: listRefreshesOutput,
};

const findRefreshInput = z.object({ refreshId: z.uuid() });
const findRefreshOutput = z.object({ refresh: refreshDetailSchema.nullable() });
export type FindRefreshOutput = z.infer<typeof findRefreshOutput>;
/** A question rather than a command: a refresh; null for none. */
export const findRefreshCommand = {
  service,
  name: 'find-refresh',
  input: findRefreshInput,
  output: findRefreshOutput,
};
