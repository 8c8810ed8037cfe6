import {
  askedRefreshSchema,
  createdProjectSchema,
  hookSchema,
  projectPageSchema,
  projectSchema,
  refreshDiffSchema,
  refreshPageSchema,
} from '@sluice/api';
import { lanes } from '@sluice/contracts';
import { Option, type Command } from 'commander';
import { requestId, seconds } from '../arguments.ts';
import { say, withApi, withRunningApi } from '../connect.ts';
import type { ApiClient } from '../api-client.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { findProject, projectIdOf } from '../find-project.ts';
import {
  actingCommand,
  actor,
  apiCommand,
  inScope,
  scoped,
  type ActorOptions,
  type ApiOptions,
  type ScopeOptions,
} from '../options.ts';
import { print } from '../output.ts';
import { renderDiff, renderHistory, renderProject, renderProjects } from '../render/projects.ts';
import { showBatch } from '../show-batch.ts';
import { exitCodeOf } from '../vet-all.ts';
import { readBatch, resultsOf } from '../wait-for-batch.ts';
import { readRefresh, waitForRefresh } from '../wait-for-refresh.ts';

type ProjectOptions = ApiOptions & ScopeOptions;

/** Refreshes that are listed; older ones are found over the API. */
const shownMax = 20;
const named = 'name or id of a project';

/** `sluice project add`, `list`, `show`, `refresh`, `history`, `diff`, `hook` and `remove`. */
export function projectCommands(program: Command): void {
  const project = program
    .command('project')
    .description('projects: git repositories that are read again and again');
  addCommand(project);
  scoped(apiCommand(project, 'list'))
    .description('list projects, each with its last refresh')
    .option('--archived', 'archived ones')
    .action((options: ProjectOptions & { archived?: boolean }) =>
      withRunningApi(options, async (api) => {
        const path = inScope(`/v1/projects?archived=${options.archived ?? false}`, options);
        const items = await api.pages(projectPageSchema, path, 200);
        print(options, { items }, () => renderProjects(items));
      }),
    );
  scoped(apiCommand(project, 'show'))
    .argument('<project>', named)
    .description('show a project, what it is made of, its plan, and how often it may be refreshed')
    .action((name: string, options: ProjectOptions) =>
      withRunningApi(options, async (api) => {
        const found = await findProject(api, name, options);
        const refresh = found.lastRefresh ? await readRefresh(api, found.id, found.lastRefresh.id) : null;
        print(options, { project: found, refresh }, () => renderProject(found, refresh));
      }),
    );
  refreshCommand(project);
  scoped(apiCommand(project, 'history'))
    .argument('<project>', named)
    .description('list the refreshes of a project, newest first')
    .action((name: string, options: ProjectOptions) =>
      withRunningApi(options, async (api) => {
        const id = await projectIdOf(api, name, options);
        const found = await api.get(refreshPageSchema, `/v1/projects/${id}/refreshes?limit=${shownMax}`);
        print(options, found, ({ items }) => renderHistory(items));
      }),
    );
  diffCommand(project);
  scoped(actingCommand(project, 'hook'))
    .argument('<project>', named)
    .description('make a secret for the webhook of a git host; it is printed once')
    .action((name: string, options: ActorOptions & ScopeOptions) =>
      withApi(options, async (api) => {
        const id = await projectIdOf(api, name, options);
        const made = await api.post(hookSchema, `/v1/projects/${id}/hook/renew`, actor(options));
        print(
          options,
          made,
          ({ path, secret }) => `${secret}\n\nAddress: ${api.baseUrl}${path}\nIt is shown this once.\n`,
        );
      }),
    );
  scoped(actingCommand(project, 'remove'))
    .argument('<project>', named)
    .description('archive a project; its history stays')
    .action((name: string, options: ActorOptions & ScopeOptions) =>
      withApi(options, async (api) => {
        const id = await projectIdOf(api, name, options);
        const done = await api.remove(projectSchema, `/v1/projects/${id}`, actor(options));
        print(options, done, ({ archivedAt }) => `Archived at ${archivedAt}.\n`);
      }),
    );
}

interface AddOptions extends ProjectOptions {
  ref: string;
  path: string[];
  plan: string[];
  label: string[];
  lane: string;
  credential?: string;
  schedule?: string;
}

const several = (one: string, all: string[]): string[] => [...all, one];

function addCommand(project: Command): void {
  scoped(apiCommand(project, 'add'))
    .argument('<name>', 'how it is called')
    .argument('<address>', 'of its repository: https://git.example/team/project.git')
    .description('add a git repository as a project')
    .option('--ref <ref>', 'a branch, a tag or a commit', 'HEAD')
    .option(
      '--path <path>',
      'a file or folder that is looked at, may be repeated; all unless given',
      several,
      [],
    )
    .option('--plan <path>', 'a Markdown file with checklists, may be repeated', several, [])
    .option('--credential <name>', 'of the operator’s document of credentials, for a private repository')
    .option('--schedule <when>', '`every 6h`, `daily 04:30` or `weekly mon 04:30`, in UTC')
    .option('--label <name=value>', 'of its requests, may be repeated', several, [])
    .addOption(
      new Option('--lane <lane>', 'bulk for what nobody waits for').choices(lanes).default('interactive'),
    )
    .action((name: string, git: string, options: AddOptions) =>
      withApi(options, async (api) => {
        const { ref, path: paths, plan, credential = null, schedule = null, lane, scope } = options;
        const labels = Object.fromEntries(
          options.label.map((text) => [text.split('=')[0]!, text.replace(/^[^=]*=?/, '')]),
        );
        const source = { git, ref, paths };
        const body = {
          name,
          source,
          plan,
          credential,
          schedule,
          lane,
          labels,
          ...(scope === undefined ? {} : { scope }),
        };
        const made = await api.post(createdProjectSchema, '/v1/projects', body);
        print(options, made, ({ id }) => `Project ${id}\n`);
      }),
    );
}

function refreshCommand(project: Command): void {
  scoped(apiCommand(project, 'refresh'))
    .argument('<project>', named)
    .description('read a project again, wait, and show what needs attention')
    .option('--reason <text>', 'why')
    .option('--no-wait', 'say only which refresh it is; `project history` shows how it goes on')
    .addOption(
      new Option('--timeout <seconds>', 'give up waiting after this long').default(1_800).argParser(seconds),
    )
    .action(
      async (name: string, options: ProjectOptions & { reason?: string; wait: boolean; timeout: number }) => {
        process.exitCode = await withApi(options, async (api) => {
          const id = await projectIdOf(api, name, options);
          const { reason } = options;
          const asked = await api.post(
            askedRefreshSchema,
            `/v1/projects/${id}/refresh`,
            reason === undefined ? {} : { reason },
          );
          if (!options.wait) {
            print(options, asked, ({ refreshId }) => `Refresh ${refreshId}\n`);
            return exitCodes.ok;
          }
          say(
            `Refresh ${asked.refreshId}${asked.joined ? ', which was in flight' : ''}; ${asked.quota.remaining} left for now.`,
          );
          const refresh = await waitForRefresh(api, id, asked, options.timeout * 1000);
          if (refresh.unchanged) say('Nothing changed since the refresh before; its results:');
          const batch = await readBatch(api, refresh.standsOn ?? refresh.id);
          const results = await resultsOf(api, batch);
          showBatch(options, batch, results);
          return exitCodeOf(results);
        });
      },
    );
}

function diffCommand(project: Command): void {
  scoped(apiCommand(project, 'diff'))
    .argument('<project>', named)
    .description('show the package versions that came, went and changed since the refresh before')
    .option('--refresh <id>', 'a refresh of the project; the last one unless given', requestId)
    .option('--against <id>', 'another refresh to compare with', requestId)
    .action((name: string, options: ProjectOptions & { refresh?: string; against?: string }) =>
      withRunningApi(options, async (api) => {
        const id = await projectIdOf(api, name, options);
        const refresh = options.refresh ?? (await lastRefreshOf(api, id));
        const query = options.against === undefined ? '' : `?against=${options.against}`;
        const path = `/v1/projects/${id}/refreshes/${refresh}/diff${query}`;
        print(options, await api.get(refreshDiffSchema, path), renderDiff);
      }),
    );
}

/** @throws CommandError with exit code 2 for a project that was never read. */
async function lastRefreshOf(api: ApiClient, projectId: string): Promise<string> {
  const { lastRefresh, name } = await findProject(api, projectId, {});
  if (lastRefresh) return lastRefresh.id;
  throw new CommandError(exitCodes.usage, `The project ${name} was never read.`, 'Refresh it first.', {
    code: 'project.no-result',
  });
}
