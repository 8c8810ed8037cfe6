import type { PermanentError, SubmissionItem } from '@sluice/contracts';
import { parseSubmission } from '@sluice/intake';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pypiIntake } from '../intake.ts';

const hash = (digit: string) => `sha256:${digit.repeat(64)}`;

/** Items of the first file, which was submitted together with the others. */
function itemsOf(files: Record<string, string>): SubmissionItem[] {
  const [filename, text] = Object.entries(files)[0]!;
  const all = new Map(Object.entries(files).map(([name, content]) => [name, Buffer.from(content)]));
  const registriesOf = () => ['https://registry.example/simple/'];
  const options = { intakes: [pypiIntake], registriesOf, filename, files: all };
  return parseSubmission(Buffer.from(text), options).items;
}
const show = ({ purl, name, version, unassessable, pins, paths }: SubmissionItem) =>
  [purl ?? `${name} ${version}: ${unassessable!.code}`, ...pins.map(({ hex }) => hex[0]), ...paths].join(
    ', ',
  );
const shown = (files: Record<string, string>) => itemsOf(files).map(show);
const faultOf = (files: Record<string, string>) => {
  try {
    itemsOf(files);
    return null;
  } catch (error) {
    return (error as PermanentError).message;
  }
};

describe('-r', () => {
  it('takes in the requirements of files that were submitted with it, from folder to folder', () => {
    const files = {
      'app/requirements.txt': '-r ../shared/base.txt\na==1 # own\n--requirement=dev.txt',
      'app/dev.txt': '\ufeffb==2',
      'shared/base.txt': '-r deep/more.txt\nc==3',
      'shared/deep/more.txt': 'd==4',
      'more.txt': 'never==1',
    };
    expect(shown(files)).toEqual([
      'pkg:pypi/d@4, shared/deep/more.txt line 1',
      'pkg:pypi/c@3, shared/base.txt line 2',
      'pkg:pypi/a@1, line 2',
      'pkg:pypi/b@2, app/dev.txt line 1',
    ]);
  });

  it.each(['other.txt', '../../requirements.txt', '/etc/passwd', 'https://x.example/r.txt', 'file:base.txt'])(
    'lists %s, which was not submitted',
    (reference) => {
      const files = { 'app/requirements.txt': `-r ${reference}\na==1`, 'base.txt': 'b==1' };
      expect(shown(files)).toEqual([`${reference} null: source.unreadable, line 1`, 'pkg:pypi/a@1, line 2']);
    },
  );

  it('has the indexes of an included file count for all, as in pip', () => {
    const files = {
      'requirements.txt': 'a==1\n-r base.txt',
      'base.txt': '--extra-index-url https://other.example/simple',
    };
    expect(itemsOf(files)[0]!.notes.map(({ code }) => code)).toEqual(['source.unpinned']);
  });

  it('refuses a file that includes itself, and a maze of them', () => {
    expect(faultOf({ 'a.txt': '-r b.txt', 'b.txt': '-r c.txt', 'c.txt': '-r b.txt' })).toContain(
      'includes itself',
    );
    const maze = { 'r.txt': '-r a.txt\n'.repeat(20), 'a.txt': '-r b.txt\n'.repeat(20), 'b.txt': 'c==1' };
    expect(faultOf(maze)).toContain('more than 100 files');
  });
});

describe('-c', () => {
  const constrained = (requirement: string, constraints: string) =>
    itemsOf({ 'requirements.txt': `-c c.txt\n${requirement}`, 'c.txt': constraints }).map(
      (item) => `${show(item)}${item.unassessable ? `: ${item.unassessable.message}` : ''}`,
    );

  it.each([
    ['a', 'A==1.0', 'pkg:pypi/a@1.0, line 2'],
    ['a>=0.5,<2', 'a==1.0', 'pkg:pypi/a@1.0, line 2'],
    ['a==1', 'a==1.0.0', 'pkg:pypi/a@1, line 2'],
    ['a', `a==1 --hash=${hash('b')}`, 'pkg:pypi/a@1, b, line 2'],
    [`a==1 --hash=${hash('c')}`, 'a==1', 'pkg:pypi/a@1, c, line 2'],
    [
      `a==1 --hash=${hash('c')} --hash=${hash('d')}`,
      `a==1 --hash=${hash('d')} --hash=${hash('e')}`,
      'pkg:pypi/a@1, d, line 2',
    ],
  ])('%s, constrained to %s, is one version', (requirement, constraints, expected) => {
    expect(constrained(requirement, constraints)).toEqual([expected]);
  });

  it.each([
    ['a', 'a<2', 'It states no single version'],
    ['a', 'a==1; python_version < "3"', 'It states no single version'],
    ['a==2', 'a==1', 'A constraint asks for 1, and something else for 2'],
    ['a', 'a==1\na==2', 'A constraint asks for 2, and something else for 1'],
    ['a>=2', 'a==1', 'A constraint asks for 1, which is none of >=2'],
    [`a==1 --hash=${hash('a')}`, `a==1 --hash=${hash('b')}`, 'no file fits'],
  ])('%s, constrained to %s, is listed: no version fits for sure', (requirement, constraints, why) => {
    const [item, ...others] = constrained(requirement, constraints);
    expect(others).toEqual([]);
    expect(item).toContain(': source.version, line 2');
    expect(item).toContain(why);
  });

  it('asks for nothing by itself, but for what it includes by -r', () => {
    expect(shown({ 'r.txt': '-c c.txt\na==1', 'c.txt': 'b==1\n-r more.txt', 'more.txt': 'd==1' })).toEqual([
      'pkg:pypi/d@1, more.txt line 1',
      'pkg:pypi/a@1, line 2',
    ]);
  });
});

it('ends for any files, with a list or a coded error', () => {
  const line = fc.constantFrom(
    '-r a.txt',
    '-c b.txt',
    '-r ./c/../a.txt',
    'x==1',
    'x',
    'x>=2',
    '-r',
    '\\',
    '"',
  );
  const text = fc.array(line, { maxLength: 6 }).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, text, (own, a, b) => {
      try {
        expect(Array.isArray(itemsOf({ 'requirements.txt': own, 'a.txt': a, 'b.txt': b }))).toBe(true);
      } catch (error) {
        expect((error as PermanentError).code).toMatch(/^(?:lockfile|input)\./);
      }
    }),
  );
});
