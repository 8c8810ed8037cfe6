import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { formatIds } from '@sluice/intake';
import { expect, it } from 'vitest';
import { intakes } from './intake.ts';

const root = fileURLToPath(new URL('../docs/', import.meta.url));
/** Kinds of files that share a page with another one. */
const sharedPages: Record<string, string> = {
  'terraform-modules': 'terraform-lock',
  'terraform-configuration': 'terraform-lock',
};

it('each format has a page that docs/lockfiles.md leads to, and so has each ecosystem', () => {
  const lockfiles = readFileSync(`${root}lockfiles.md`, 'utf8');
  for (const id of formatIds(intakes)) {
    const page = `formats/${sharedPages[id] ?? id}.md`;
    expect([page, existsSync(root + page), lockfiles.includes(`(${page})`)]).toEqual([page, true, true]);
    expect(readFileSync(root + page, 'utf8')).toContain(`\`${id}\``);
  }
  for (const { type } of intakes) {
    const page = `ecosystems/${type}.md`;
    expect([page, existsSync(root + page), lockfiles.includes(`(${page})`)]).toEqual([page, true, true]);
  }
});
