import type { ProjectDetail, RefreshDiff, ShownProject, ShownRefresh, ShownRefreshDetail } from '@sluice/api';
import { plural } from '../output.ts';
import { printable } from './printable.ts';
import { renderColumns } from './requests.ts';

const commitChars = 10;
const commit = (text: string | null): string => text?.slice(0, commitChars) ?? '-';
const time = (text: string): string => text.slice(0, 16).replace('T', ' ');

function countsText(counts: Record<string, number> | null): string {
  const shown = Object.entries(counts ?? {}).filter(([, count]) => count > 0);
  return shown.length === 0 ? '-' : shown.map(([name, count]) => `${count} ${name}`).join(', ');
}

const resultOf = ({ state, unchanged, failure }: ShownRefresh): string =>
  failure ? `failed: ${failure.code}` : unchanged ? 'unchanged' : state;

/** A project a line: its name, scope, address, ref, and the result of its last refresh. Pure. */
export function renderProjects(projects: readonly ShownProject[]): string {
  if (projects.length === 0) return 'There are no projects yet.\n';
  const rows = projects.map(({ name, scope, source, lastRefresh }) => [
    printable(name),
    scope,
    `${source.git} ${source.ref}`,
    lastRefresh ? `${time(lastRefresh.requestedAt)} ${resultOf(lastRefresh)}` : 'never read',
    countsText(lastRefresh?.counts ?? null),
  ]);
  return `${renderColumns([['project', 'scope', 'source', 'last refresh (UTC)', 'items'], ...rows])}\n`;
}

/** A project with its inventory and the tasks of its plan. Pure. */
export function renderProject(project: ProjectDetail, refresh: ShownRefreshDetail | null): string {
  const { id, name, scope, source, schedule, nextRefreshAt, archivedAt, quota, lastRefresh } = project;
  const lines = [
    `Project ${name} (${id}) of the scope ${scope}${archivedAt === null ? '' : `, archived at ${archivedAt}`}`,
    `${source.git} ${source.ref}${source.paths.length > 0 ? `, in ${source.paths.join(', ')}` : ''}`,
    ...(schedule === null ? [] : [`Schedule: ${schedule}, next at ${nextRefreshAt ?? '-'}.`]),
    `${quota.remaining} of ${plural(quota.limit, 'refresh', 'refreshes')} left in ${quota.windowSeconds} s${quota.resetAt === null ? '' : `, one more at ${quota.resetAt}`}.`,
  ];
  if (lastRefresh) {
    lines.push(
      `Last refresh ${time(lastRefresh.requestedAt)} UTC: ${resultOf(lastRefresh)}, commit ${commit(lastRefresh.toCommit)}.`,
    );
    if (lastRefresh.failure) lines.push(`${lastRefresh.failure.detail} ${lastRefresh.failure.remedy}`);
    lines.push(`Items: ${countsText(lastRefresh.counts)}.`);
  } else lines.push('It was never read.');
  if (refresh?.inventory) {
    const { languages, frameworks, tools, manifests } = refresh.inventory;
    const named = (list: readonly { name: string }[]) => list.map((one) => one.name).join(', ') || '-';
    lines.push(
      `Languages: ${named(languages)}.`,
      `Frameworks: ${named(frameworks)}.`,
      `Tools: ${named(tools)}.`,
    );
    lines.push(...manifests.map(({ path, format }) => `  ${path}  ${format}`));
  }
  if (refresh?.plan) {
    const { done, total, percent, tasks, missing } = refresh.plan;
    lines.push(`Plan: ${done} of ${plural(total, 'task')} done${percent === null ? '' : ` (${percent} %)`}.`);
    lines.push(...tasks.filter((task) => !task.done).map(({ text }) => `  [ ] ${text}`));
    lines.push(...missing.map((path) => `  ${path} is not in the commit, or is no plain file.`));
  }
  return `${lines.map(printable).join('\n')}\n`;
}

/** A refresh a line, newest first. Pure. */
export function renderHistory(refreshes: readonly ShownRefresh[]): string {
  if (refreshes.length === 0) return 'It was never refreshed.\n';
  const rows = refreshes.map((refresh) => [
    refresh.id,
    time(refresh.requestedAt),
    `${refresh.cause} by ${printable(refresh.by)}`,
    `${commit(refresh.fromCommit)} → ${commit(refresh.toCommit)}`,
    resultOf(refresh),
    refresh.durationMs === null ? '-' : `${(refresh.durationMs / 1000).toFixed(1)} s`,
    `${countsText(refresh.countsBefore)} → ${countsText(refresh.counts)}`,
  ]);
  const heading = ['refresh', 'asked for (UTC)', 'why', 'commits', 'result', 'took', 'items'];
  return `${renderColumns([heading, ...rows])}\n`;
}

/** Package versions that came, went and changed, a line each. Pure. */
export function renderDiff(diff: RefreshDiff): string {
  const { fromCommit, toCommit, added, removed, changed, unchangedCount, truncated } = diff;
  const told = (list: readonly { purl: string; outcome: string | null }[]) =>
    list.map(({ purl, outcome }) => `${purl} (${outcome ?? 'open'})`).join(', ') || 'nothing';
  const lines = [
    `${commit(fromCommit)} → ${commit(toCommit)}`,
    ...added.map((one) => `+ ${told([one])}`),
    ...removed.map((one) => `- ${told([one])}`),
    ...changed.map(({ from, to }) => `~ ${told(from)} → ${told(to)}`),
    `${added.length} added, ${removed.length} removed, ${changed.length} changed, ${unchangedCount} as before.`,
    ...(truncated ? ['There is more than is shown.'] : []),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}
