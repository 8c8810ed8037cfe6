import { PermanentError, type Submission } from '@sluice/contracts';
import {
  ItemCollector,
  shown,
  textOf,
  type FormatOptions,
  type LockfileFormat,
  type SubmittedFile,
} from '@sluice/intake';
import { pypiNames } from '../names.ts';
import { readRequirement } from '../requirement.ts';
import { Constraints } from './constraints.ts';
import { addEntry, type PypiEntry } from './entry.ts';
import { markerPlatforms } from './markers.ts';
import type { RequirementLine } from './requirement-lines.ts';
import { readWithIncluded, type IncludedLine } from './requirements-files.ts';

/** requirements.txt of pip, as written by hand, by pip-compile and by exports of other tools. */
export const requirementsFormat: LockfileFormat = {
  id: 'requirements',
  fileName: /^(?:.*[-_.])?requirements(?:[-_.].*)?\.(?:txt|in)$/,
  fits: ({ content, json }) => json === undefined && looksLikeRequirements(textOf(content)),
  parse: (file, options) => parseRequirements(file, options),
};

/** Enough of a file to tell that it is no list of requirements. */
const lookedAtLines = 200;
const isOption = /^(?:-[a-zA-Z]|--[a-z-]+)(?:[\s=]|$)/;
const isPlace = /^(?:[a-z][a-z0-9+.-]*:\/\/|\.{0,2}\/)\S+$|^\S+\.(?:whl|zip|tar\.gz)$/i;

/**
 * Whether a text is a list of requirements and nothing else. Every other text of words would be one, too, so that one line at
 * least has to have more than a name: a version, an address, an option.
 */
function looksLikeRequirements(text: string): boolean {
  let isSure = false;
  let isContinued = false;
  for (const raw of text.split(/\r?\n/).slice(0, lookedAtLines)) {
    const line = raw.replace(/(?:^|\s+)#.*$/, '').trim();
    const wasContinued = isContinued;
    isContinued = line.endsWith('\\');
    const bare = line.replace(/\\+$/, '').trim();
    if (bare === '') continue;
    if (wasContinued || isOption.test(bare)) {
      if (isOption.test(bare)) isSure = true;
      continue;
    }
    if (isPlace.test(bare)) {
      isSure = true;
      continue;
    }
    const read = readRequirement(bare.replace(/\s+--?[a-zA-Z].*$/, ''));
    if (read === null) return false;
    if (read.specifier !== '' || read.url !== null) isSure = true;
  }
  return isSure;
}

/**
 * Reads a requirements file as pip does, with the files that it includes and the constraints that it names, as far as they were
 * submitted with it. A requirement that is no single version of an index is listed with the reason.
 * @throws PermanentError `lockfile.invalid`, `input.invalid`, `input.too-many-packages`.
 */
function parseRequirements(file: SubmittedFile, options: FormatOptions): Submission {
  const lines = readWithIncluded(file);
  const collector = new ItemCollector('pypi', options.itemsMax);
  const indexes = indexesOf(lines);
  const constraints = new Constraints(lines.filter(({ isConstraint }) => isConstraint));
  for (const { path, requirement, options: given, missing } of lines.filter((line) => !line.isConstraint)) {
    if (requirement !== '')
      addRequirement({ path, requirement, given, indexes, constraints }, collector, options);
    if (missing !== null)
      unassessable(
        collector,
        path,
        missing,
        'source.unreadable',
        'It is another file of requirements, which was not submitted.',
      );
    for (const { name, value } of given) if (name === 'editable') addElsewhere(collector, path, value);
  }
  return { format: 'requirements@1', projectName: null, ...collector.finish() };
}

/** Options about indexes hold for the whole file, wherever they stand. The last main index counts. */
function indexesOf(lines: readonly IncludedLine[]): string[] {
  const all = lines.filter(({ requirement }) => requirement === '').flatMap(({ options }) => options);
  const main = all.filter(({ name }) => name === 'index-url').at(-1);
  const others = all.filter(({ name }) => name === 'extra-index-url' || name === 'find-links');
  return [...(main ? [main] : []), ...others].map(({ value }) => value);
}

interface Requirement {
  path: string;
  requirement: string;
  given: RequirementLine['options'];
  indexes: readonly string[];
  constraints: Constraints;
}

function addRequirement(
  { path, requirement, given, indexes, constraints }: Requirement,
  collector: ItemCollector,
  options: FormatOptions,
): void {
  if (isPlace.test(requirement.split(/\s/, 1)[0]!)) {
    addElsewhere(collector, path, requirement);
    return;
  }
  const read = readRequirement(requirement);
  if (read === null)
    throw new PermanentError('lockfile.invalid', `${path}: "${shown(requirement)}" is no requirement.`);
  if (read.url !== null) {
    addElsewhere(collector, path, read.url, read.name);
    return;
  }
  const own = given.filter(({ name }) => name === 'hash').map(({ value }) => value);
  const { version, hashes, conflict } = constraints.applyTo(read, own);
  const entry: PypiEntry = {
    path,
    name: read.name,
    version: version ?? (read.specifier || '*'),
    hashes,
    indexes,
    direct: true,
    platforms: markerPlatforms(read.marker),
    ...(conflict === null ? {} : { elsewhere: { code: 'source.version', message: conflict } }),
  };
  addEntry(collector, entry, options);
}

/** An address, a repository or a path in place of a version of an index. */
function addElsewhere(collector: ItemCollector, path: string, place: string, name?: string): void {
  const egg = /[#&]egg=([A-Za-z0-9._-]+)/.exec(place)?.[1];
  const called = name ?? egg ?? place;
  if (/^(?:git|hg|svn|bzr)\+/i.test(place))
    unassessable(collector, path, called, 'source.git', 'It comes from a repository, not from an index.');
  else if (/^https?:\/\//i.test(place))
    unassessable(collector, path, called, 'source.url', 'It comes from an address, not from an index.');
  else
    unassessable(
      collector,
      path,
      called,
      'source.file',
      'It comes from a file or folder beside the project.',
    );
}

function unassessable(
  collector: ItemCollector,
  path: string,
  name: string,
  code: 'source.git' | 'source.url' | 'source.file' | 'source.unreadable',
  message: string,
): void {
  const place = {
    path,
    pinned: { pins: [], note: null },
    dev: false,
    optional: false,
    bundled: false,
    direct: true,
  };
  // An address may hold a password.
  const called =
    code !== 'source.unreadable' && pypiNames.isName(name)
      ? pypiNames.canonicalName(name)
      : name.replace(/\/\/[^/@]*@/, '//…@');
  collector.addUnassessable(place, called, undefined, code, message);
}
