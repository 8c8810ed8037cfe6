import type { Report, ReportItem, ReportPackage } from '@sluice/api';
import { fileOf, isFine } from './findings.ts';

type Requests = Pick<Report, 'requests'>;

/** Package versions of a report, each once, with the gravest of their items. Parts of the projects themselves are none. */
export function packagesOf(report: Requests): ReportItem[] {
  return groupByPackage(report).map(({ item }) => item);
}

/** The package versions of a report over all of its files, as a part of it. Pure. */
export function packagesByVersion(report: Requests): ReportPackage[] {
  return groupByPackage(report).map(({ item, files }) => {
    const { purl, name, version, standing, license, advisories, reasons, unassessable, failure, decision } =
      item;
    const evidence = { license, advisories, reasons, unassessable, failure, decision };
    return { purl, name, version, standing, ...evidence, files: [...files] };
  });
}

function groupByPackage({ requests }: Requests): { item: ReportItem; files: Set<string> }[] {
  const found = new Map<string, { item: ReportItem; files: Set<string> }>();
  for (const { request, items } of requests) {
    const file = fileOf(request);
    for (const item of items) {
      if (item.standing === 'own') continue;
      const key = item.purl ?? `${item.name}@${item.version ?? ''} ${item.unassessable?.code ?? ''}`;
      const known = found.get(key);
      // One of its items may be fine where another one, with another pin, is not.
      if (!known) found.set(key, { item, files: new Set([file]) });
      else {
        known.files.add(file);
        if (isFine(known.item) && !isFine(item)) known.item = item;
      }
    }
  }
  return [...found.values()];
}
