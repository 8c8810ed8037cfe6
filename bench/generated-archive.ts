import { randomBytes } from 'node:crypto';
import { buildNpmTarball } from '@sluice/ecosystems/npm/fakes';

const moduleBytes = 40_000;
const manifest = { name: 'generated', version: '1.0.0', license: 'MIT', main: 'lib/module-0.js' };

/** An npm tarball of this many megabytes of code, in modules as most packages have them. No two are the same. */
export function generatedArchive(megabytes: number): Buffer {
  const modules = Math.ceil((megabytes * 1_000_000) / moduleBytes);
  return buildNpmTarball(
    manifest,
    Object.fromEntries(
      Array.from({ length: modules }, (_, index) => [`lib/module-${index}.js`, moduleText(index)]),
    ),
  );
}

/** Code that the scanner has to parse, and that no rule finds anything in. */
function moduleText(index: number): string {
  let text = `'use strict';\nconst https = require('https');\nconst next = require('./module-${index + 1}');\n`;
  for (let count = 0; text.length < moduleBytes; count += 1) text += functionText(count);
  return text;
}

function functionText(count: number): string {
  const word = randomBytes(8).toString('hex');
  return `
/** Resolves the ${word} of an entry, with the values of its parents. */
exports.resolve${count} = function resolve${count}(entry, options = {}) {
  const { depth = ${count}, key = '${randomBytes(16).toString('hex')}' } = options;
  if (!entry || entry.children.length === 0) return next.resolve${count}(entry, { depth: depth + 1 });
  const found = entry.children
    .filter((child) => child.kind === '${word}' && child.size > ${count})
    .map((child) => ({ ...child, key: key + child.name, agent: https.globalAgent.maxSockets }));
  for (const child of found) child.parent = depth > 3 ? null : entry;
  return found.length > 0 ? found : [entry];
};
`;
}
