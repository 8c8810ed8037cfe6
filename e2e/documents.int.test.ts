import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { aggregatorMigrations } from '@sluice/aggregator';
import { buckets, deadLettersStream, eventsStream } from '@sluice/broker';
import { deliveryMigrations } from '@sluice/delivery';
import { gatewayMigrations } from '@sluice/gateway';
import { importerMigrations } from '@sluice/importer';
import { notifierMigrations } from '@sluice/notifier';
import { projectorMigrations } from '@sluice/projector';
import { scannerMigrations } from '@sluice/scanner';
import { testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { archiveMigrations } from '../services/projector/src/archive/segments.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const architecture = read('ARCHITECTURE.md');
const documents = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...(readdirSync(path.join(root, 'docs'), { recursive: true }) as string[])
    .filter((file) => file.endsWith('.md'))
    .map((file) => path.join('docs', file)),
];

const postgres = await testPostgres([
  ...gatewayMigrations,
  ...aggregatorMigrations,
  ...importerMigrations,
  ...notifierMigrations,
  ...scannerMigrations,
  projectorMigrations,
  archiveMigrations,
  deliveryMigrations('delivery'),
]);

/** Rows of "Tables and buckets": the names behind each schema or kind. */
const listed = new Map(
  architecture
    .split('\n## Tables and buckets\n')[1]!
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, owner, names]) => [
      owner!.replaceAll('`', ''),
      [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => name!).toSorted(),
    ]),
);

it('ARCHITECTURE.md has at most 150 lines', () => {
  expect(architecture.trimEnd().split('\n').length).toBeLessThanOrEqual(150);
});

it('ARCHITECTURE.md lists the tables that migrations make, and no others', async () => {
  const rows = await postgres.connect('public')<{ schema: string; name: string }[]>`
    select schemaname as schema, tablename as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema') and tablename <> 'schema_migrations'`;
  const common = listed.get('each service with state')!;
  const made = new Map<string, string[]>();
  for (const { schema, name } of rows) {
    const isCommon = common.includes(name) && schema !== 'delivery';
    if (!isCommon) made.set(schema, [...(made.get(schema) ?? []), name].toSorted());
  }
  made.set('each service with state', made.get('delivery')!);
  made.delete('delivery');
  const tables = [...listed].filter(
    ([owner, names]) => names.length > 0 && !/^(?:streams|buckets)$/.test(owner),
  );
  expect(Object.fromEntries(made)).toEqual(Object.fromEntries(tables));
});

it('ARCHITECTURE.md lists the streams and buckets', () => {
  expect(listed.get('streams')).toEqual([eventsStream, deadLettersStream].toSorted());
  expect(listed.get('buckets')).toEqual([...buckets].toSorted());
});

it('ARCHITECTURE.md names files that exist', () => {
  const folders = /^(?:libs|services|ecosystems|cli|deploy|docs|policies|scripts)\//;
  const named = [...architecture.matchAll(/`([^`\s]+)`/g)]
    .map(([, name]) => name!)
    .filter((name) => folders.test(name) && !name.includes('<'));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !existsSync(path.join(root, name)))).toEqual([]);
});

const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');

it.each(documents)('links of %s lead to files and headings that exist', (document) => {
  const broken = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^https?:/.test(link))
    .filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? document : path.join(path.dirname(document), decodeURIComponent(file));
      if (!existsSync(path.join(root, target))) return true;
      if (anchor === undefined) return false;
      const headings = [...read(target).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));
      return !headings.includes(anchor);
    });
  expect(broken).toEqual([]);
});
