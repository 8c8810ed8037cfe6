/**
 * Gives docs/runbook.md one section per error code, in the order of the table, with the code's status and title. The text
 * below a heading stays; a new code gets an empty section, which a test refuses until it is filled.
 * Run with the contracts built: `npx tsc -b libs/contracts && node scripts/generate-runbook-headings.mjs`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { errorCodes } from '../libs/contracts/dist/index.js';

const start = '<!-- codes:start -->';
const end = '<!-- codes:end -->';
const file = new URL('../docs/runbook.md', import.meta.url);

const [before, rest = ''] = readFileSync(file, 'utf8').split(start);
const [codes, after] = rest.split(end);
if (after === undefined) throw new Error(`docs/runbook.md has no ${start} … ${end}.`);

/** The text of each code, below the generated line. */
const written = new Map(
  codes
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [heading, , , ...body] = section.split('\n');
      return [heading.replaceAll('`', ''), body.join('\n').trim()];
    }),
);
const sections = Object.entries(errorCodes).map(([code, { status, title }]) => {
  const body = written.get(code) ?? '- **Cause.**\n- **Check.**\n- **Remedy.**';
  return `### \`${code}\`\n\n_${status}. ${title}_\n\n${body}\n`;
});
writeFileSync(file, `${before}${start}\n\n${sections.join('\n')}\n${end}${after}`);
