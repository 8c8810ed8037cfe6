import { describe, expect, test } from 'vitest';
import type { FileSummary } from '../rules/rule.ts';
import type { SignalKind } from '../source/signal.ts';
import { FilesPutOff } from './files-put-off.ts';
import type { InspectedFile, PutOff } from './inspect-file.ts';

function summary(loads: string[] = [], kinds: SignalKind[] = [], sizeBytes = 50_000): FileSummary {
  const signals = kinds.map((kind) => ({ kind, start: 0, detail: '' }));
  return { sizeBytes, mode: 0o644, kind: 'source', format: null, signals, loads };
}

function read(path: string): InspectedFile {
  return { summary: summary([path]), findings: [], later: null, text: null };
}

function putOff(path: string, need: Partial<PutOff> = {}): PutOff {
  return { isSource: false, isSink: false, length: 1_000, read: () => read(path), ...need };
}

const pathsOf = (found: Iterable<[string, InspectedFile]>) => [...found].map(([path]) => path);

describe('a file that is put off', () => {
  test('waits, and is read with all others when they are asked for, once', () => {
    const files = new FilesPutOff();
    expect(files.add('a.js', putOff('a.js'))).toBeNull();
    expect(files.add('b.js', putOff('b.js'))).toBeNull();
    expect([...files.all()]).toEqual([
      ['a.js', read('a.js')],
      ['b.js', read('b.js')],
    ]);
    expect([...files.all()]).toEqual([]);
  });

  test('is read at once when too much waits', () => {
    const files = new FilesPutOff();
    expect(files.add('a.js', putOff('a.js', { length: 8 * 1024 * 1024 }))).toBeNull();
    expect(files.add('b.js', putOff('b.js'))).toEqual(read('b.js'));
    expect(pathsOf(files.all())).toEqual(['a.js']);
  });
});

/** A chain of large files, each of which loads the next: `0.js` to `6.js`. */
function chain(first: FileSummary, last: FileSummary): Map<string, FileSummary> {
  const between = [1, 2, 3, 4, 5].map((at): [string, FileSummary] => [`${at}.js`, summary([`./${at + 1}`])]);
  return new Map([['0.js', { ...first, loads: ['./1'] }], ...between, ['6.js', last]]);
}

describe('between a file that reads a secret and one that sends something', () => {
  test('files are read that lie within two steps of both', () => {
    const files = new FilesPutOff();
    for (const at of [1, 2, 3, 4, 5]) files.add(`${at}.js`, putOff(`${at}.js`));
    const archive = chain(summary([], ['credential-file']), summary());
    archive.set('3.js', summary(['./4'], ['network']));
    expect(pathsOf(files.between(archive))).toEqual(['1.js', '2.js']);
  });

  test('no file is read that is near to one of them only, or where there is no other', () => {
    const far = new FilesPutOff();
    for (const at of [1, 2, 3, 4, 5]) far.add(`${at}.js`, putOff(`${at}.js`));
    expect(pathsOf(far.between(chain(summary([], ['env-sweep']), summary([], ['network']))))).toEqual([]);
    const alone = new FilesPutOff();
    alone.add('1.js', putOff('1.js'));
    expect(pathsOf(alone.between(chain(summary([], ['env-sweep']), summary())))).toEqual([]);
  });

  test('what waits counts by the words that it has', () => {
    const files = new FilesPutOff();
    files.add('0.js', putOff('0.js', { isSource: true }));
    files.add('1.js', putOff('1.js', { isSink: true }));
    files.add('6.js', putOff('6.js'));
    expect(pathsOf(files.between(chain(summary(), summary())))).toEqual(['0.js', '1.js']);
  });

  test('files that are small together are read wherever they lie, and others stay for later', () => {
    const files = new FilesPutOff();
    files.add('4.js', putOff('4.js'));
    files.add('other.js', putOff('other.js'));
    const archive = new Map(
      [...chain(summary([], ['env-sweep']), summary([], ['network']))].map(([path, one]) => [
        path,
        { ...one, sizeBytes: 1_000 },
      ]),
    );
    archive.set('other.js', summary());
    expect(pathsOf(files.between(archive))).toEqual(['4.js']);
    expect(pathsOf(files.all())).toEqual(['other.js']);
  });
});
