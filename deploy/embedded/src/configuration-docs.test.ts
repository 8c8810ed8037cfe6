import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findRepositoryRoot } from '@sluice/testkit';
import { expect, it } from 'vitest';
import type { z } from 'zod';
import { stackServices } from './services.ts';

const root = findRepositoryRoot();
const documentation = readFileSync(join(root, 'docs/configuration.md'), 'utf8');
const serviceTable = documentation.split('## Variables of the services')[1]!.split('\n## ')[0]!;

/** Rows of the table of services: variable, who reads it, default. */
const documented = serviceTable
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, variable, readers, fallback]) => [variable!.replaceAll('`', ''), readers, fallback]);

it('docs/configuration.md lists every variable with its readers and its default', () => {
  const readers = new Map<string, { names: string[]; field: z.ZodType }>();
  for (const { name, config } of stackServices) {
    for (const [variable, field] of Object.entries((config as z.ZodObject).shape)) {
      const known = readers.get(variable) ?? { names: [], field: field as z.ZodType };
      readers.set(variable, { ...known, names: [...known.names, name] });
    }
  }
  const wanted = [...readers].map(([variable, { names, field }]) => [
    variable,
    names.length === stackServices.length ? 'all' : names.toSorted().join(', '),
    defaultOf(field),
  ]);
  expect(documented.toSorted(byVariable)).toEqual(wanted.toSorted(byVariable));
});

it('docs/configuration.md names every setting of .env.example', () => {
  const example = readFileSync(join(root, '.env.example'), 'utf8');
  const settings = [...example.matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1]!);
  expect(settings.filter((setting) => !documentation.includes(`\`${setting}\``))).toEqual([]);
});

function defaultOf(field: z.ZodType): string {
  const parsed = field.safeParse(undefined);
  if (!parsed.success) return 'required';
  const text = [(parsed.data ?? '') as string | number | string[]].flat().join(',');
  return text === '' ? '–' : `\`${text}\``;
}

function byVariable([a]: (string | undefined)[], [b]: (string | undefined)[]): number {
  return a! < b! ? -1 : 1;
}
