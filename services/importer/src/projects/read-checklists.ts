import { printable, type Plan } from '@sluice/contracts';

/** Tasks that are listed; all are counted. */
const listedMax = 500;
const textMaxChars = 300;
/** A line of a real list is shorter; a longer one is no task. */
const lineMaxChars = 4_000;

/**
 * Counts the tasks of Markdown checklists: `- [ ] open`, `* [x] done`, `1. [X] done`, at any depth, outside of fenced code.
 * Source: GitHub Flavored Markdown, section 5.3. Pure.
 * @param files texts by their paths.
 * @param missing paths that are not there.
 */
export function readChecklists(
  files: readonly { path: string; text: string }[],
  missing: readonly string[],
): Plan {
  const tasks = files.flatMap(({ path, text }) => tasksOf(text).map((task) => ({ path, ...task })));
  const done = tasks.filter((task) => task.done).length;
  return {
    total: tasks.length,
    done,
    percent: tasks.length === 0 ? null : Math.floor((100 * done) / tasks.length),
    tasks: tasks.slice(0, listedMax),
    missing: [...missing],
  };
}

function tasksOf(text: string): { line: number; text: string; done: boolean }[] {
  const tasks: { line: number; text: string; done: boolean }[] = [];
  let fence: string | null = null;
  for (const [at, line] of text.split(/\r\n|\n|\r/).entries()) {
    if (line.length > lineMaxChars) continue;
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? null;
    if (fence !== null) {
      if (mark !== null && mark.startsWith(fence) && line.trim() === mark) fence = null;
      continue;
    }
    if (mark !== null) {
      fence = mark;
      continue;
    }
    const task = /^[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[([ xX])\][ \t]+(\S.*)$/.exec(line);
    if (task)
      tasks.push({ line: at + 1, text: printable(task[2]!.trim(), textMaxChars), done: task[1] !== ' ' });
  }
  return tasks;
}
