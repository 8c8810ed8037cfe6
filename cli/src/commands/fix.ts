import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { approvedVersionsSchema } from '@sluice/api';
import { approvedPackagesMax, formatPurl } from '@sluice/contracts';
import { fixers } from '@sluice/ecosystems/fix';
import type { Fixer, FixPlan } from '@sluice/intake';
import type { Command } from 'commander';
import type { ApiClient } from '../api-client.ts';
import { withApi } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { apiCommand, inScope, scoped, type ApiOptions, type ScopeOptions } from '../options.ts';
import { plural, print } from '../output.ts';
import { printable } from '../render/printable.ts';

type Options = ApiOptions & ScopeOptions & { write?: boolean };

/** `sluice fix <lockfile>`: the nearest approved versions within the ranges that are asked for. */
export function fixCommand(program: Command): void {
  const names = fixers.flatMap(({ fileNames }) => fileNames).join(', ');
  scoped(apiCommand(program, 'fix'))
    .argument('<lockfile>', names)
    .option('--write', 'merge the changes into the manifest beside the lockfile')
    .description(
      'replace held package versions of a lockfile by the nearest approved ones within their ranges',
    )
    .action((lockfile: string, options: Options) =>
      withApi(options, async (api) => {
        const fixer = fixers.find(({ fileNames }) => fileNames.includes(path.basename(lockfile)));
        if (!fixer)
          throw new CommandError(exitCodes.usage, `${lockfile} is none of ${names}.`, 'Name one of these.');
        const bytes = await read(lockfile);
        const plan = fixer.plan(bytes, await approvedOf(api, fixer, fixer.packages(bytes), options));
        const manifest = path.join(path.dirname(lockfile), fixer.manifest);
        if (options.write && plan.fixes.length > 0) await merge(manifest, plan);
        print(options, plan, (made) => renderPlan(made, options.write ? manifest : null));
        if (plan.impossible.length > 0) process.exitCode = exitCodes.attention;
      }),
    );
}

async function approvedOf(
  api: ApiClient,
  { type }: Fixer,
  names: string[],
  options: Options,
): Promise<Map<string, string[]>> {
  const byPackage = new Map(
    names.map((name) => [formatPurl({ type, name, version: '' }).slice(0, -1), name]),
  );
  const packages = [...byPackage.keys()];
  const approved = new Map<string, string[]>();
  for (let start = 0; start < packages.length; start += approvedPackagesMax) {
    const body = { packages: packages.slice(start, start + approvedPackagesMax) };
    const found = await api.post(approvedVersionsSchema, inScope('/v1/approved-versions', options), body);
    for (const one of found.packages) approved.set(byPackage.get(one.package)!, one.versions);
  }
  return approved;
}

async function merge(manifest: string, { patch }: FixPlan): Promise<void> {
  const text = (await read(manifest)).toString();
  const document = JSON.parse(text) as Record<string, unknown>;
  const indent = /^[ \t]+/m.exec(text)?.[0] ?? 2;
  await writeFile(manifest, `${JSON.stringify(merged(document, patch), null, indent)}\n`);
}

/** Objects by their keys; other values in place of those that are there. */
function merged(into: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> {
  const result = { ...into };
  for (const [key, value] of Object.entries(patch)) {
    const before = Object.hasOwn(into, key) ? into[key] : undefined;
    result[key] = isRecord(before) && isRecord(value) ? merged(before, value) : value;
  }
  return result;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function read(file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw new CommandError(exitCodes.usage, `${file} cannot be read: ${(cause as Error).message}`);
  });
}

/** @param written the manifest that was changed; null where the patch is printed for it. Pure. */
export function renderPlan({ fixes, impossible, patch }: FixPlan, written: string | null): string {
  const lines = [
    ...fixes.map(({ name, from, to, ranges }) => `  ${name} ${from} → ${to}  (${ranges.join(', ')})`),
    ...impossible.map(({ name, version, why }) => `  ${name} ${version} stays held: ${why}`),
  ];
  if (lines.length === 0) return 'Everything in it is approved.\n';
  const head = `${plural(fixes.length, 'package version')} replaced, ${impossible.length} that nothing can stand for.`;
  const next =
    fixes.length === 0
      ? ''
      : written === null
        ? `\nMerge into the manifest, or use --write, and install anew:\n${JSON.stringify(patch, null, 2)}\n`
        : `\n${written} is changed; install anew.\n`;
  return `${head}\n${lines.map((line) => `${printable(line)}\n`).join('')}${next}`;
}
