import type { Intake, OtherFile, SubmittedFile } from './format.ts';
import { isObject } from './json.ts';

/** Bytes that tell formats apart: each names itself at its beginning. */
const beginningMaxBytes = 4_096;

/** Files of no ecosystem in particular. */
const generalFiles: OtherFile[] = [
  { pattern: /^\s*$/, is: 'The file is empty.', isRemedy: true },
  {
    pattern: /^<{7} /m,
    is: 'The file has marks of a merge conflict. Resolve it with the package manager first.',
    isRemedy: true,
  },
  { pattern: /^\[\[package\]\]$/m, is: 'This is a lockfile of another language (TOML).' },
  { pattern: /^(?:PK|.\u008b)/, is: 'This is an archive. Send the lockfile in it.', isRemedy: true },
  { pattern: /^spdxVersion:|<spdx:SpdxDocument/m, is: 'This is an SPDX document in YAML or RDF.' },
  {
    pattern: /^\s*<(?:!doctype|html|\?xml)/i,
    is: 'This is a page or an XML document, not a lockfile.',
    isRemedy: true,
  },
  { has: ['_meta', 'default'], is: 'This is a Pipfile.lock.' },
  { has: ['content-hash', 'packages'], is: 'This is a composer.lock.' },
];

const documents = 'It reads CycloneDX and SPDX, and lists of purls, of all ecosystems.';

/** Names the kind of a file that Sluice does not read, with the remedy; null for an unknown one. */
export function describeOtherFile(file: SubmittedFile, intakes: readonly Intake[]): string | null {
  const known = [...generalFiles, ...intakes.flatMap(({ others }) => others)];
  const found = known.find((other) => fits(other, file));
  if (!found) return null;
  return found.isRemedy ? found.is : [found.is, ...intakes.map(({ reads }) => reads), documents].join(' ');
}

function fits({ pattern, has }: OtherFile, { content, json }: SubmittedFile): boolean {
  if (isObject(json)) return has?.every((key) => Object.hasOwn(json, key)) ?? false;
  const beginning = Buffer.from(content.subarray(0, beginningMaxBytes)).toString('latin1');
  return pattern?.test(beginning) ?? false;
}
