import fc from 'fast-check';
import { parseSubmission } from '@sluice/intake';
import { describe, expect, it } from 'vitest';
import { npmIntake } from '../intake.ts';

const pin = `sha512-${Buffer.alloc(64, 'a').toString('base64')}`;
const parse = (text: string, platforms: string[] = []) =>
  parseSubmission(Buffer.from(text), {
    intakes: [npmIntake],
    registriesOf: () => ['https://registry.example/'],
    platforms,
  });
/** As Bun writes it: with commas behind the last entries. */
const lock = (packages: string, workspaces = '"": { "name": "app", },', more = '') =>
  `{\n  "lockfileVersion": 1,\n  "workspaces": { ${workspaces} },\n${more}  "packages": {\n${packages}\n  },\n}\n`;
const asking = (...names: string[]) =>
  `"": { "name": "app", "dependencies": { ${names.map((name) => `"${name}": "*",`).join(' ')} }, },`;
const told = (text: string, platforms: string[] = []) =>
  parse(text, platforms).items.map(
    ({ purl, name, unassessable, notes, pins, dev, optional, direct, bundledIn }) =>
      [
        purl ?? `${name} ${unassessable!.code}`,
        ...notes.map(({ code }) => code),
        ...(pins.length > 0 ? ['pinned'] : []),
        ...Object.entries({ dev, optional, direct }).flatMap(([flag, is]) => (is ? [flag] : [])),
        ...(bundledIn ? [`in ${bundledIn}`] : []),
      ].join(' '),
  );
const codeOf = (text: string, format = 'bun-lock') => {
  try {
    return parseSubmission(Buffer.from(text), { intakes: [npmIntake], format }).format;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a bun.lock', () => {
  it.each([
    [`["a@1.0.0", "", {}, "${pin}"]`, 'pkg:npm/a@1.0.0 pinned direct'],
    [`["a@1.0.0", "", {}]`, 'pkg:npm/a@1.0.0 direct'],
    [`["real@2.0.0", "", {}, "${pin}"]`, 'pkg:npm/real@2.0.0 pinned direct'],
    [`["@s/b@2.0.0", "", {}, "${pin}"]`, 'pkg:npm/%40s/b@2.0.0 pinned direct'],
    [`["a@1.0.0", "https://registry.example/a/-/a-1.0.0.tgz", {}]`, 'pkg:npm/a@1.0.0 direct'],
    [`["a@1.0.0", "https://files.example/a/-/a-1.0.0.tgz", {}]`, 'pkg:npm/a@1.0.0 source.unpinned direct'],
    [
      `["a@1.0.0", "https://files.example/a/-/a-1.0.0.tgz", {}, "${pin}"]`,
      'pkg:npm/a@1.0.0 resolved.elsewhere pinned direct',
    ],
    [
      `["a@1.0.0", "https://registry.example/evil/-/evil-6.6.6.tgz", {}, "${pin}"]`,
      'pkg:npm/evil@6.6.6 source.contradiction pinned direct',
    ],
    [`["a@git+ssh://git@git.example/a.git#abc", {}, "abc"]`, 'a source.git direct'],
    [`["a@github:u/a#abc", {}, "u-a-abc", "${pin}"]`, 'a source.git direct'],
    [`["a@https://files.example/x.tgz", {}]`, 'a source.url direct'],
    [
      `["a@https://files.example/a/-/a-1.0.0.tgz", {}, "${pin}"]`,
      'pkg:npm/a@1.0.0 resolved.elsewhere pinned direct',
    ],
    [`["a@./a.tgz", {}]`, 'a source.file direct'],
    [`["a@1/a.tgz", {}]`, 'a source.file direct'],
    [`["a@file:a", {}]`, 'a source.file direct'],
    [`["a@link:a", {}]`, 'a source.file direct'],
    [`["a@workspace:packages/a"]`, 'a source.workspace direct'],
    [`["a@root:", { "bin": "x" }]`, 'a source.workspace direct'],
    [`["a@latest", {}]`, 'a source.version direct'],
    [`["a@evil:1.0.0", {}]`, 'a source.url direct'],
  ])('with the entry %s has %s', (entry, is) => {
    expect(told(lock(`"a": ${entry},`, asking('a')))).toEqual([is]);
  });

  it('knows what is nested, for development, optional, missing, patched and bundled', () => {
    const workspaces = `"": { "name": "app", "dependencies": { "a": "1", "gone": "1", }, "devDependencies": { "d": "1" }, "optionalDependencies": { "o": "1", "never": "1" }, },
      "packages/w": { "name": "@app/w", "dependencies": { "b": "catalog:" }, },`;
    const packages = `"a": ["a@1.0.0", "", { "dependencies": { "b": "^1.0.0", "lost": "1" }, "peerDependencies": { "p": "1" } }, "${pin}"],
      "b": ["b@2.0.0", "", {}, "${pin}"],
      "d": ["d@1.0.0", "", { "dependencies": { "b": "1" } }, "${pin}"],
      "o": ["o@1.0.0", "", { "os": "darwin", "dependencies": { "x": "1" } }, "${pin}"],
      "x": ["x@1.0.0", "", {}, "${pin}"],
      "@app/w": ["@app/w@workspace:packages/w"],
      "@app/w/b": ["b@3.0.0", "", {}, "${pin}"],
      "a/b": ["b@1.0.0", "", { "bundled": true }, "${pin}"],`;
    const text = lock(packages, workspaces, '"patchedDependencies": { "b@2.0.0": "patches/b.patch" },\n');
    expect(told(text)).toEqual([
      'pkg:npm/a@1.0.0 pinned direct',
      'pkg:npm/b@2.0.0 source.patched pinned dev',
      'pkg:npm/d@1.0.0 pinned dev direct',
      'pkg:npm/o@1.0.0 pinned optional direct',
      'pkg:npm/x@1.0.0 pinned optional',
      '@app/w source.workspace dev optional',
      'pkg:npm/b@3.0.0 pinned direct',
      'pkg:npm/b@1.0.0 pinned in pkg:npm/a@1.0.0',
      'gone source.missing',
      'lost source.missing',
    ]);
    expect(told(text, ['linux-x64'])).toContain('o source.platform pinned optional direct');
  });

  it('leaves out nothing by the C library, which Bun does not go by', () => {
    const workspaces = '"": { "optionalDependencies": { "a": "1" } },';
    const text = lock(`"a": ["a@1.0.0", "", { "os": "linux", "libc": "musl" }, "${pin}"],`, workspaces);
    expect(told(text, ['linux-x64-glibc'])).toEqual(['pkg:npm/a@1.0.0 pinned optional direct']);
  });

  it('is read without its commas too, and with the marks of commas and comments in texts', () => {
    const text = lock(`"a": ["a@1.0.0", "", { "bin": ",}// /* \\",]" }, "${pin}"],`, asking('a'));
    expect(told(text)).toEqual(['pkg:npm/a@1.0.0 pinned direct']);
    expect(told('{"lockfileVersion":1,"workspaces":{},"packages":{"a":["a@1.0.0","",{}]}}')).toEqual([
      'pkg:npm/a@1.0.0 dev optional',
    ]);
  });

  it.each([
    ['{"lockfileVersion":4,"workspaces":{}}', 'lockfile.unknown-version'],
    ['{"lockfileVersion":"1","workspaces":{}}', 'lockfile.unknown-version'],
    ['{"lockfileVersion":1}', 'lockfile.invalid'],
    ['{"lockfileVersion":1,"workspaces":{"":1}}', 'lockfile.invalid'],
    ['{"lockfileVersion":1,"workspaces":{},"packages":[]}', 'lockfile.invalid'],
    ['{"lockfileVersion":1,"workspaces":{},"packages":{"a":[]}}', 'lockfile.invalid'],
    ['{"lockfileVersion":1,"workspaces":{},"packages":{"a":["a@1.0.0",{}]}}', 'lockfile.invalid'],
    ['{"lockfileVersion":1,"workspaces":{},"packages":{"a":["a@1.0.0","",1]}}', 'lockfile.invalid'],
    ['{"lockfileVersion":1,"workspaces":{},"packages":{"../x":["../x@1.0.0","",{}]}}', 'bun-lock@1'],
    [
      '{"lockfileVersion":1,"workspaces":{},"packages":{"a":["a@1.0.0","",{}],"a":["a@2.0.0","",{}]}}',
      'input.unsafe-key',
    ],
    ['{"lockfileVersion":1,"workspaces":{},/* x */"packages":{}}', 'input.not-json'],
    ['{"lockfileVersion":1,"workspaces":{},,}', 'input.not-json'],
    ['', 'input.not-json'],
  ])('%s: %s', (text, code) => expect(codeOf(text)).toBe(code));

  it('gives a submission or a stable code for any entries, in bounded time', () => {
    const value = fc.oneof(
      fc.constantFrom('a@1.0.0', '', 'a@workspace:x', 'b@git+x', pin, 'a', 1, null, true),
      fc.string(),
      fc.dictionary(
        fc.constantFrom('dependencies', 'os', 'bundled'),
        fc.oneof(fc.string(), fc.dictionary(fc.constantFrom('a', 'a/b'), fc.string())),
      ),
    );
    const packages = fc.dictionary(
      fc.constantFrom('a', 'b', 'a/b', '@s/a', '@s/a/b', '/', '@', 'a/', '__a__'),
      fc.oneof(value, fc.array(value)),
    );
    fc.assert(
      fc.property(packages, packages, (all, workspaces) => {
        const text = JSON.stringify({ lockfileVersion: 1, workspaces, packages: all });
        expect(['bun-lock@1', 'lockfile.invalid', 'input.invalid', 'input.not-json']).toContain(codeOf(text));
      }),
    );
    const quotes = `{"lockfileVersion":1,"workspaces":{},"a":${'"\\\n'.repeat(200_000)}`;
    expect(codeOf(quotes)).toBe('input.not-json');
    expect(codeOf(`{${', '.repeat(500_000)}`)).toBe('input.not-json');
  });
});

it('a bun.lockb names the command that writes a text', () => {
  expect(() => parse('#!/usr/bin/env bun\nbun-lockfile-format-v0\n')).toThrow(/--save-text-lockfile/);
});
