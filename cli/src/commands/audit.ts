import { readFile } from 'node:fs/promises';
import { auditEntrySchema, auditPageSchema, type AuditEntryView } from '@sluice/api';
import { auditHash } from '@sluice/contracts';
import type { Command } from 'commander';
import { moment, positiveInteger } from '../arguments.ts';
import { withRunningApi } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { apiCommand, type ApiOptions } from '../options.ts';
import { plural, print } from '../output.ts';
import { printable } from '../render/printable.ts';
import { renderColumns } from '../render/requests.ts';

interface ListOptions extends ApiOptions {
  actor?: string;
  action?: string;
  subject?: string;
  denied?: boolean;
  since?: string;
  until?: string;
  limit: number;
}

/** `sluice audit list` and `sluice audit verify`. */
export function auditCommands(program: Command): void {
  const audit = program.command('audit').description('who did what, and who was denied to');
  apiCommand(audit, 'list')
    .option('--actor <name>', 'acts of this one')
    .option('--action <name>', 'acts of this kind, such as approve')
    .option('--subject <text>', 'acts on this: a purl, the id of a request, "stage scan"')
    .option('--denied', 'only what was denied')
    .option('--since <time>', 'no earlier than this', moment)
    .option('--until <time>', 'earlier than this', moment)
    .option('--limit <number>', 'how many', positiveInteger, 50)
    .description('list acts, newest first')
    .action((options: ListOptions) =>
      withRunningApi(options, async (api) => {
        const page = await api.get(auditPageSchema, `/v1/audit?${queryOf(options).toString()}`);
        print(options, { items: page.items }, ({ items }) => renderAudit(items));
      }),
    );
  apiCommand(audit, 'verify')
    .argument('[file]', 'an export of GET /v1/audit/export; the audit itself unless given')
    .description('check that no entry was taken out, put in or changed')
    .action((file: string | undefined, options: ApiOptions) =>
      file === undefined
        ? withRunningApi(options, async (api) => report(await api.text('/v1/audit/export'), options))
        : readExportFile(file).then((text) => report(text, options)),
    );
}

function queryOf({ actor, action, subject, denied, since, until, limit }: ListOptions): URLSearchParams {
  const outcome = denied ? 'denied' : undefined;
  const given = Object.entries({
    actor,
    action,
    subject,
    outcome,
    since,
    until,
    limit: String(Math.min(limit, 500)),
  });
  return new URLSearchParams(given.filter((one): one is [string, string] => one[1] !== undefined));
}

/** @throws CommandError with exit code 2. */
async function readExportFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'error';
    throw new CommandError(
      exitCodes.usage,
      `${file} cannot be read (${why}).`,
      'Name a file that GET /v1/audit/export gave.',
      { cause, code: 'audit.no-export' },
    );
  }
}

/**
 * The entries of an export, one a line.
 * @throws CommandError with exit code 2 that names the first line that is none.
 */
export function readExport(text: string): AuditEntryView[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const entry = auditEntrySchema.safeParse(asJson(line));
    if (entry.success) return [entry.data];
    throw new CommandError(
      exitCodes.usage,
      `Line ${index + 1} is no entry of the audit.`,
      'Name a file that GET /v1/audit/export gave as NDJSON (format=ndjson, its default); CSV is not read.',
      { cause: entry.error, code: 'audit.no-export' },
    );
  });
}

function asJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** @throws CommandError with exit code 1 for a chain that is broken. */
function report(text: string, options: ApiOptions): void {
  const entries = readExport(text);
  const broken = firstBroken(entries);
  if (broken !== null) {
    const { id, at } = broken;
    throw new CommandError(
      exitCodes.attention,
      `The audit was changed: the hash of the entry ${id} of ${at} does not follow from what is before it.`,
      'Compare it with an older export, or with the events: npm run sluice -- projection verify.',
      { code: 'audit.broken' },
    );
  }
  const head = entries.at(-1)?.hash ?? null;
  print(options, { entries: entries.length, head }, () =>
    head === null
      ? 'The audit is empty.\n'
      : `${plural(entries.length, 'entry', 'entries')}, whole. Head: ${head}\n`,
  );
}

/** The first entry whose hash does not follow from the entries before it; null for none. Pure. */
export function firstBroken(entries: readonly AuditEntryView[]): AuditEntryView | null {
  let previous: string | null = null;
  for (const entry of entries) {
    if (auditHash(previous, entry) !== entry.hash) return entry;
    previous = entry.hash;
  }
  return null;
}

/** An act a row. Pure. */
export function renderAudit(entries: readonly AuditEntryView[]): string {
  if (entries.length === 0) return 'There are no such acts.\n';
  const rows = entries.map(({ at, actor, action, subject, outcome, detail }) => [
    at,
    printable(actor),
    outcome === 'denied' ? `${action} (denied)` : action,
    printable(subject),
    printable(reasonOf(detail)),
  ]);
  return `${renderColumns([['when', 'who', 'what', 'about', 'why'], ...rows])}\n`;
}

/** Why it was done, or denied. */
function reasonOf({ reason, why }: AuditEntryView['detail']): string {
  const text = reason ?? why;
  return typeof text === 'string' ? text : '';
}
