import { isObject } from './json.ts';

/** Bytes that tell formats apart: each names itself at its beginning. */
const beginningMaxBytes = 4_096;

interface KnownText {
  pattern: RegExp;
  is: string;
}

const instead =
  'Sluice reads package-lock.json and npm-shrinkwrap.json: `npm install --package-lock-only` makes one.';

const knownTexts: KnownText[] = [
  { pattern: /^\s*$/, is: 'The file is empty.' },
  { pattern: /^# yarn lockfile v1$/m, is: `This is a yarn.lock of Yarn 1. ${instead}` },
  { pattern: /^__metadata:/m, is: `This is a yarn.lock of Yarn 2 or newer. ${instead}` },
  { pattern: /^lockfileVersion:/m, is: `This is a pnpm-lock.yaml. ${instead}` },
  { pattern: /^#!\/usr\/bin\/env bun/, is: `This is a bun.lockb. ${instead}` },
  { pattern: /^\s*\{\s*"lockfileVersion":\s*\d+,[^]*"workspaces":/, is: `This is a bun.lock. ${instead}` },
  { pattern: /^<{7} /m, is: 'The file has marks of a merge conflict. Resolve it with `npm install` first.' },
  {
    pattern: /^\[\[package\]\]$/m,
    is: 'This is a lockfile of another language (TOML). Sluice reads those of npm.',
  },
  { pattern: /^(?:PK|.\u008b)/, is: 'This is an archive. Send the package-lock.json in it.' },
  { pattern: /^\s*<(?:!doctype|html|\?xml)/i, is: 'This is a page or an XML document, not a lockfile.' },
];

interface KnownJson {
  has: string[];
  is: string;
}

const knownJson: KnownJson[] = [
  { has: ['lockfileVersion', 'workspaces'], is: `This is a bun.lock. ${instead}` },
  { has: ['bomFormat'], is: `This is a CycloneDX document. ${instead}` },
  { has: ['spdxVersion'], is: `This is an SPDX document. ${instead}` },
  { has: ['_meta', 'default'], is: 'This is a Pipfile.lock. Sluice reads lockfiles of npm.' },
  { has: ['content-hash', 'packages'], is: 'This is a composer.lock. Sluice reads lockfiles of npm.' },
  { has: ['name', 'version'], is: 'It looks like a package.json: submit the package-lock.json beside it.' },
  { has: ['dependencies'], is: 'It looks like a package.json: submit the package-lock.json beside it.' },
];

/**
 * Names the format of a file that Sluice does not read, with the remedy; null for an unknown one.
 * @param json the content where it is JSON.
 */
export function describeUnknownFormat(content: Uint8Array, json: unknown): string | null {
  if (isObject(json))
    return knownJson.find(({ has }) => has.every((key) => Object.hasOwn(json, key)))?.is ?? null;
  const beginning = Buffer.from(content.subarray(0, beginningMaxBytes)).toString('latin1');
  return knownTexts.find(({ pattern }) => pattern.test(beginning))?.is ?? null;
}
