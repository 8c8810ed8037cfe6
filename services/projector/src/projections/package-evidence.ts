import { columnsOf, type Tx } from '@sluice/postgres';
import { addRows } from '../add-rows.ts';
import { ofType, type ProjectedEvent } from '../projected-event.ts';
import type { Write } from '../write.ts';

interface Evidence {
  purl: string;
  registry?: object;
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
  // Facts carry all evidence so far; that of the stages before was saved with theirs.
  for (const { event } of ofType(events, 'pkg.licensed')) {
    const { registry, license } = event.data.evidence;
    add(event.subject, { registry, license });
  }
  for (const { event } of ofType(events, 'pkg.downloaded'))
    add(event.subject, { download: event.data.evidence.download });
  for (const { event } of ofType(events, 'pkg.scanned'))
    add(event.subject, { scan: event.data.evidence.scan });
  const rows = [...evidence.values()];
  const added = rows.filter(({ purl }) => isNew(purl));
  return [
    ...addRows(
      tx,
      'package_evidence',
      ['purl', 'registry', 'license', 'download', 'scan'],
      added.map(({ purl, registry = null, license = null, download = null, scan = null }) => [
        purl,
        registry,
        license,
        download,
        scan,
      ]),
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
    insert into package_evidence (purl, registry, license, download, scan)
    select * from unnest(
      ${column(({ purl }) => purl)}, ${column(({ registry = null }) => registry)}::json[], ${column(({ license = null }) => license)}::json[],
      ${column(({ download = null }) => download)}::json[], ${column(({ scan = null }) => scan)}::json[])
    on conflict (purl) do update set registry = coalesce(excluded.registry, package_evidence.registry),
      license = coalesce(excluded.license, package_evidence.license),
      download = coalesce(excluded.download, package_evidence.download), scan = coalesce(excluded.scan, package_evidence.scan)`;
  return [{ send }];
}
