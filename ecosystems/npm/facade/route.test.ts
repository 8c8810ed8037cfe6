import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { routeNpm } from './route.ts';

const route = (path: string, method = 'GET', accept?: string) =>
  routeNpm({ method, path, header: (name) => (name === 'accept' ? accept : undefined) });
const document = (name: string, form = 'full', version: string | null = null) => ({
  kind: 'document',
  form,
  name,
  version,
});

describe('documents', () => {
  it.each([
    ['/lodash', 'lodash'],
    ['/JSONStream', 'JSONStream'],
    ['/@babel%2fcore', '@babel/core'],
    ['/@babel%2Fcore', '@babel/core'],
    ['/%40babel%2fcore', '@babel/core'],
    ['/@babel/core', '@babel/core'],
    ['/%40babel/core', '@babel/core'],
    ['/__proto__', '__proto__'],
    ['/constructor', 'constructor'],
  ])('%s is about %s', (path, name) => expect(route(path)).toEqual(document(name)));

  it.each([
    ['/lodash/1.0.0', 'lodash', '1.0.0'],
    ['/@babel%2fcore/latest', '@babel/core', 'latest'],
    ['/@babel/core/1.0.0-rc.1%2Bbuild', '@babel/core', '1.0.0-rc.1+build'],
  ])('%s is about a single version', (path, name, version) => {
    expect(route(path)).toEqual(document(name, 'version', version));
  });

  it.each([
    ['application/json', 'full'],
    [undefined, 'full'],
    ['application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*', 'abbreviated'],
    ['application/vnd.npm.install-v1+json', 'abbreviated'],
    ['application/vnd.npm.install-v1+json;q=0.5, application/json', 'full'],
    ['application/vnd.npm.install-v1+json;q=0, */*', 'full'],
  ])('a client that accepts %j gets the form %s', (accept, form) => {
    expect(route('/lodash', 'GET', accept)).toEqual(document('lodash', form));
  });

  it('tags are read, and not written', () => {
    expect(route('/-/package/@babel%2fcore/dist-tags')).toEqual(document('@babel/core', 'tags'));
    expect(route('/-/package/lodash/dist-tags/next', 'PUT')).toMatchObject({ code: 'gate.read-only' });
  });
});

describe('archives', () => {
  it.each([
    ['/lodash/-/lodash-4.17.21.tgz', 'lodash', '4.17.21'],
    ['/@babel/core/-/core-7.0.0.tgz', '@babel/core', '7.0.0'],
    ['/@babel%2fcore/-/core-7.0.0-rc.1.tgz', '@babel/core', '7.0.0-rc.1'],
    ['/@babel/core/-/@babel/core-7.0.0.tgz', '@babel/core', '7.0.0'],
    ['/a/-/a-1.0.0%2Bbuild.tgz', 'a', '1.0.0+build'],
  ])('%s is a file of %s@%s', (path, name, version) => {
    const file = `${name.split('/').at(-1)}-${version}.tgz`;
    expect(route(path)).toEqual({ kind: 'file', name, version, file, part: null });
  });

  it.each([
    '/lodash/-/other-1.0.0.tgz',
    '/lodash/-/lodash-latest.tgz',
    '/lodash/-/lodash-1.0.0.zip',
    '/lodash/-/',
  ])('%s is none', (path) => expect(route(path)).toMatchObject({ kind: 'refusal', code: 'gate.not-found' }));
});

describe('what a client must not do', () => {
  it.each([
    ['PUT', '/lodash'],
    ['PUT', '/@babel%2fcore'],
    ['DELETE', '/lodash/-rev/1-abc'],
    ['DELETE', '/lodash/-/lodash-1.0.0.tgz/-rev/1'],
    ['POST', '/-/unknown'],
  ])('%s %s is refused as writing', (method, path) => {
    expect(route(path, method)).toMatchObject({ kind: 'refusal', code: 'gate.read-only' });
  });

  it.each(['/-/user/org.couchdb.user:mira', '/-/v1/login', '/-/npm/v1/tokens', '/-/npm/v1/user'])(
    'a login at %s is refused with where keys come from',
    (path) => expect(route(path, 'PUT')).toMatchObject({ kind: 'refusal', code: 'gate.no-login' }),
  );

  it.each([
    '/..%2f..%2fetc',
    '/../etc',
    '/%2e%2e/etc',
    '/a/../b',
    '/%00',
    '/%zz',
    '/a%252fb',
    '/@scope',
    '/@/name',
    '/.hidden',
    '/node_modules',
    `/${'a'.repeat(10_000)}`,
    '//lodash',
    '/lodash//',
    '/',
  ])('%s is nothing', (path) => {
    expect(route(path)).toMatchObject({ kind: 'refusal', code: 'gate.not-found' });
  });

  it('any path has an answer, and a name in it is one that npm could install', () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom('-', '..', '.', '%2f', '%2F', '@a', 'b', '%40', '~resolve', 'b-1.0.0.tgz'),
    );
    fc.assert(
      fc.property(fc.array(part), fc.constantFrom('GET', 'PUT', 'POST'), (parts, method) => {
        const found = route(`/${parts.join('/')}`, method);
        if ('name' in found) expect(found.name).toMatch(/^(?:@[^/.][^/]*\/)?[^/.][^/]*$/);
      }),
    );
  });
});

describe('~resolve', () => {
  it('shows documents of the registry, and no archive', () => {
    expect(route('/~resolve/@babel%2fcore')).toEqual({
      kind: 'upstream',
      name: '@babel/core',
      accept: 'application/json',
    });
    expect(route('/~resolve/a/-/a-1.0.0.tgz')).toMatchObject({ kind: 'refusal', code: 'gate.held' });
    expect(route('/~resolve/a', 'PUT')).toMatchObject({ code: 'gate.read-only' });
  });
});
