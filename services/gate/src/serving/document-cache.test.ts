import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { DocumentCache, type BuiltDocument } from './document-cache.ts';

const document = (body: string, untilMs = Infinity): BuiltDocument => ({
  contentType: 'text/plain',
  body,
  untilMs,
});
const textOf = (served: { gzip: Buffer } | null) => served && gunzipSync(served.gzip).toString();

it('makes a document once, for all who ask at the same time and later', async () => {
  const cache = new DocumentCache();
  let made = 0;
  const build = () => Promise.resolve(document(String((made += 1))));
  const answers = await Promise.all([1, 2, 3].map(() => cache.get('a', 'full', 0, build)));
  expect(answers.map(textOf)).toEqual(['1', '1', '1']);
  expect(textOf(await cache.get('a', 'full', 0, build))).toBe('1');
  expect(textOf(await cache.get('a', 'short', 0, build))).toBe('2');
});

it('makes it anew after a change, and when an approval in it has ended', async () => {
  const cache = new DocumentCache();
  await cache.get('a', 'full', 0, () => Promise.resolve(document('old')));
  cache.drop('a');
  expect(textOf(await cache.get('a', 'full', 0, () => Promise.resolve(document('new', 10))))).toBe('new');
  expect(textOf(await cache.get('a', 'full', 9, () => Promise.resolve(document('newer'))))).toBe('new');
  expect(textOf(await cache.get('a', 'full', 10, () => Promise.resolve(document('newer'))))).toBe('newer');
});

it('keeps no document that changed while it was made, and gives it to nobody who asks after the change', async () => {
  const cache = new DocumentCache();
  let finish: (built: BuiltDocument) => void = () => {};
  const first = cache.get('a', 'full', 0, () => new Promise((resolve) => (finish = resolve)));
  cache.drop('a');
  const second = cache.get('a', 'full', 0, () => Promise.resolve(document('after')));
  finish(document('before'));
  expect([textOf(await first), textOf(await second)]).toEqual(['before', 'after']);
  expect(textOf(await cache.get('a', 'full', 0, () => Promise.resolve(document('never'))))).toBe('after');
});

it('passes on why a document could not be made, and tries again', async () => {
  const cache = new DocumentCache();
  await expect(cache.get('a', 'full', 0, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(textOf(await cache.get('a', 'full', 0, () => Promise.resolve(document('there'))))).toBe('there');
  expect(await cache.get('b', 'full', 0, () => Promise.resolve(null))).toBeNull();
});
