import type { Report } from '@sluice/api';

/** One report of several, in their order. Pure. @param reports at least one. */
export function mergeReports(reports: readonly [Report, ...Report[]]): Report {
  const [first] = reports;
  const newest = reports
    .map(({ generatedAt }) => generatedAt)
    .toSorted()
    .at(-1)!;
  const unread = reports.flatMap((report) => report.unread ?? []);
  return {
    ...first,
    generatedAt: newest,
    requests: reports.flatMap(({ requests }) => requests),
    ...(unread.length > 0 ? { unread } : {}),
  };
}
