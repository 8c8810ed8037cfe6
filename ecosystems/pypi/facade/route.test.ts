import { describe, expect, it } from 'vitest';
import { routePypi } from './route.ts';

const route = (path: string, { method = 'GET', accept }: { method?: string; accept?: string } = {}) =>
  routePypi({ method, path, header: (name) => (name === 'accept' ? accept : undefined) });
const page = (name: string, form = 'page') => ({ kind: 'document', form, name, version: null });
const file = (name: string, version: string, of: string, part: string | null = null) => ({
  kind: 'file',
  name,
  version,
  file: of,
  part,
});
const pip =
  'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01';

describe('the address of a page', () => {
  it('is the project’s own spelling with a slash at its end', () => {
    expect(route('/simple/my-project/')).toEqual(page('my-project'));
  });

  it.each(['/simple/My_Project/', '/simple/my.project', '/simple/my-project', '/simple/MY--PROJECT'])(
    '%s is sent to it',
    (path) => expect(route(path)).toEqual({ kind: 'redirect', path: '/simple/my-project/' }),
  );

  it.each([
    [undefined, 'page'],
    ['*/*', 'page'],
    ['text/html', 'page'],
    [pip, 'json'],
    ['application/vnd.pypi.simple.latest+json', 'json'],
    ['application/vnd.pypi.simple.v1+html', 'html'],
    ['application/vnd.pypi.simple.v1+json;q=0.01, text/html', 'page'],
    ['application/vnd.pypi.simple.v1+json;q=0, application/vnd.pypi.simple.v1+html;q=0.1', 'html'],
    ['application/json', 'page'],
  ])('accept %s: %s', (accept, form) =>
    expect(route('/simple/a/', accept === undefined ? {} : { accept })).toEqual(page('a', form)),
  );
});

describe('the address of a file', () => {
  it.each([
    ['/files/a/1.0/a-1.0-py3-none-any.whl', file('a', '1.0', 'a-1.0-py3-none-any.whl')],
    ['/files/a/1.0/a-1.0-py3-none-any.whl.metadata', file('a', '1.0', 'a-1.0-py3-none-any.whl', 'metadata')],
    ['/files/a/1.0%2Bcpu/a-1.0%2Bcpu.tar.gz', file('a', '1.0+cpu', 'a-1.0+cpu.tar.gz')],
    ['/files/my-a/1.0/my_a-1.0.zip', file('my-a', '1.0', 'my_a-1.0.zip')],
  ])('%s', (path, expected) => expect(route(path)).toEqual(expected));
});

describe('any other address', () => {
  it.each([
    '/',
    '/simple',
    '/simple/',
    '/simple//',
    '/simple/../a/',
    '/simple/a/b/',
    '/simple/a%2f..%2fb/',
    '/simple/__proto__/',
    '/simple/%00/',
    '/simple/%/',
    `/simple/${'a'.repeat(10_000)}/`,
    '/files/a/1.0/b-1.0.tar.gz',
    '/files/a/not a version/a-1.0.tar.gz',
    '/files/A/1.0/a-1.0.tar.gz',
    '/files/a/1.0/a-1.0.tar.gz/more',
    '/files/a/1.0/a-1.0.tar.gz.metadata',
    '/files/a/1.0/..%2f..%2fa-1.0.tar.gz',
    '/pypi/a/json',
  ])('%s is not found', (path) =>
    expect(route(path)).toMatchObject({ kind: 'refusal', code: 'gate.not-found' }),
  );

  it.each(['POST', 'PUT', 'DELETE'])('%s writes nothing', (method) => {
    for (const path of ['/legacy/', '/simple/a/', '/files/a/1.0/a-1.0.tar.gz'])
      expect(route(path, { method })).toMatchObject({ kind: 'refusal', code: 'gate.read-only' });
  });
});
