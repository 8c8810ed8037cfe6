import type { AssessmentView } from '@sluice/inspection/inspect';
import { expect, it } from 'vitest';
import { wheelAlone } from './wheel-alone.ts';

const contentsOf = (paths: string[] | undefined) =>
  paths?.map((path) => ({ path, sizeBytes: path.endsWith('/empty.py') ? 0 : 1 }));

function hits(paths: string[] | undefined, source: string[] | null, kind = 'wheel'): string[] {
  const siblings = source === null ? [] : [{ kind: 'sdist', contents: contentsOf(source) }];
  const file = { file: 'a.whl', kind, platform: null };
  const view = { file, contents: contentsOf(paths), siblings } as unknown as AssessmentView;
  return [...wheelAlone.check(view)].map(({ title, excerpt }) => `${title}: ${excerpt}`);
}

it.each<[string, string[] | undefined, string[] | null]>([
  ['code that the source has', ['pkg/a.py', 'pkg/b/c.py'], ['pkg/a.py', 'pkg/b/c.py', 'setup.py']],
  ['code that the source has in a folder of its own', ['pkg/a.py', 'mod.py'], ['src/pkg/a.py', 'src/mod.py']],
  ['other files than code', ['pkg/a.so', 'pkg/data.json'], ['setup.py']],
  ['scripts and metadata', ['pkg-1.0.data/scripts/run.py', 'pkg-1.0.dist-info/x.py'], ['setup.py']],
  ['a version that its build wrote', ['pkg/_version.py', 'pkg/__config__.py'], ['setup.py']],
  ['code that the source has at the top', ['ns/pkg/a.py'], ['a.py', 'setup.py']],
  ['a file without a byte', ['pkg/empty.py'], ['setup.py']],
  ['no source beside it', ['pkg/a.py'], null],
  ['files that are not known', undefined, ['setup.py']],
])('a wheel with %s is quiet', (_, paths, source) => expect(hits(paths, source)).toEqual([]));

it('a wheel with code of its own is found, with the first of it', () => {
  expect(hits(['pkg/a.py', 'pkg/evil.py'], ['pkg/a.py'])).toEqual([
    'The wheel has Python code that the source distribution has not: 1 files: pkg/evil.py',
  ]);
  // The same name in another package is another file.
  expect(hits(['pkg/util.py'], ['other/util.py'])).toHaveLength(1);
  // The build of a source is at the top of every one.
  expect(hits(['pkg/setup.py'], ['setup.py', 'pkg/a.py'])).toHaveLength(1);
  const many = Array.from({ length: 9 }, (_, at) => `pkg/${at}.py`);
  expect(hits(many, ['setup.py'])[0]).toMatch(/9 files: pkg\/0\.py, .*pkg\/4\.py …$/);
  expect(hits(many, ['setup.py'], 'sdist')).toEqual([]);
});
