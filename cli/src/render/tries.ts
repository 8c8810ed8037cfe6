import type { FailedTry } from '@sluice/api';

/** Failed tries a line each; those that failed one after another for the same reason share one. Pure. */
export function describeTries(tries: FailedTry[]): string[] {
  const groups: [FailedTry, ...FailedTry[]][] = [];
  for (const one of tries) {
    const last = groups.at(-1);
    if (last && isSame(last[0], one)) last.push(one);
    else groups.push([one]);
  }
  return groups.map(describeGroup);
}

function isSame(a: FailedTry, b: FailedTry): boolean {
  return (
    a.stage === b.stage &&
    a.code === b.code &&
    a.detail === b.detail &&
    a.counted === b.counted &&
    a.assessmentAttempt === b.assessmentAttempt
  );
}

/** When, which attempt, by whom, why, and when again. */
function describeGroup(tries: [FailedTry, ...FailedTry[]]): string {
  const [first] = tries;
  const last = tries.at(-1) ?? first;
  const { stage, assessmentAttempt, counted, code, detail } = first;
  const run = assessmentAttempt > 1 ? `, run ${assessmentAttempt}` : '';
  const workers = [...new Set(tries.flatMap(({ worker }) => worker ?? []))].join(', ');
  const next = last.nextTryAt === null ? 'not tried again' : `next try ${last.nextTryAt}`;
  const what =
    tries.length > 1
      ? ` ${tries.length} tries in ${duration(first.at, last.at)}`
      : first.stageAttempt === null
        ? ''
        : ` attempt ${first.stageAttempt}`;
  const free =
    counted || first.stageAttempt === null ? '' : ` (${tries.length > 1 ? 'do' : 'does'} not count)`;
  return `  ${first.at}  ${stage}${what}${free}${run}${workers ? ` on ${workers}` : ''}: ${code}  ${detail}; ${next}`;
}

function duration(from: string, to: string): string {
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
