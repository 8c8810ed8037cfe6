import { projectDetailSchema, projectPageSchema, type ProjectDetail } from '@sluice/api';
import type { ApiClient } from './api-client.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { inScope, type ScopeOptions } from './options.ts';

const isId = (text: string) => /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);

/**
 * The id of a project that is named by it, or by its name.
 * @throws CommandError with exit code 2 for none of the name, and for several in different scopes.
 */
export async function projectIdOf(api: ApiClient, named: string, options: ScopeOptions): Promise<string> {
  if (isId(named)) return named.toLowerCase();
  const projects = await api.pages(projectPageSchema, inScope('/v1/projects', options), 200);
  const found = projects.filter(({ name }) => name === named);
  if (found.length === 1) return found[0]!.id;
  const isMany = found.length > 1;
  throw new CommandError(
    exitCodes.usage,
    isMany ? `Several scopes have a project ${named}.` : `There is no project ${named}.`,
    isMany ? 'Name one with --scope, or the id.' : '`sluice project list` shows those that there are.',
    { code: isMany ? 'project.ambiguous' : 'project.not-found' },
  );
}

export async function findProject(
  api: ApiClient,
  named: string,
  options: ScopeOptions,
): Promise<ProjectDetail> {
  return api.get(projectDetailSchema, `/v1/projects/${await projectIdOf(api, named, options)}`);
}
