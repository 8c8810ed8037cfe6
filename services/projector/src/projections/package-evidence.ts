import { columnsOf, type Tx } from '@sluice/postgres';
import { addRows } from '../add-rows.ts';
import { ofType, type ProjectedEvent } from '../projected-event.ts';
import type { Write } from '../write.ts';

interface Evidence {
  purl: string;
  license?: object;
  download?: object;
  scan?: object;
}

/**
 * Keeps the newest evidence of each stage; evidence absent from the events stays as it was.
 * @param events of current runs.
 * @param isNew whether a package version was unknown before them.
 */
export function saveEvidence(tx: Tx, events: ProjectedEvent[], isNew: (purl: string) => boolean): Write[] {
  const evidence = new Map<string, Evidence>();
  const add = (purl: string, part: Partial<Evidence>) =>
    evidence.set(purl, { purl, ...evidence.get(purl), ...part });
  for (const { event } of ofType(events, 'pkg.licensed')) add(event.subject, { license: event.data.license });
  for (const { event } of ofType(events, 'pkg.downloaded'))
    add(event.subject, { download: event.data.download });
  for (const { event } of ofType(events, 'pkg.scanned')) add(event.subject, { scan: event.data.scan });
  const rows = [...evidence.values()];
  const added = rows.filter(({ purl }) => isNew(purl));
  return [
    ...addRows(
      tx,
      'package_evidence',
      ['purl', 'license', 'download', 'scan'],
      added.map(({ purl, license = null, download = null, scan = null }) => [purl, license, download, scan]),
    ),
    ...mergeRows(
      tx,
      rows.filter(({ purl }) => !isNew(purl)),
    ),
  ];
}

function mergeRows(tx: Tx, rows: Evidence[]): Write[] {
  if (rows.length === 0) return [];
  const column = columnsOf(tx, rows);
  const send = () => tx`
    insert into package_evidence (purl, license, download, scan)
    select * from unnest(
      ${column(({ purl }) => purl)}, ${column(({ license = null }) => license)}::json[],
      ${column(({ download = null }) => download)}::json[], ${column(({ scan = null }) => scan)}::json[])
    on conflict (purl) do update set license = coalesce(excluded.license, package_evidence.license),
      download = coalesce(excluded.download, package_evidence.download), scan = coalesce(excluded.scan, package_evidence.scan)`;
  return [{ send }];
}
