import { accepts, readPath, refused, type FacadeRequest, type FacadeRoute } from '@sluice/facades';
import { isExactVersion, isNpmName } from '../name.ts';

const abbreviated = 'application/vnd.npm.install-v1+json';
/**
 * What a request of an npm-compatible client asks for. Source: npm's registry API, and what npm, pnpm, yarn and bun send.
 */
export function routeNpm({ method, path, header }: FacadeRequest): FacadeRoute {
  const segments = readPath(path);
  if (segments === null || segments.includes('')) return notFound();
  if (segments[0] === '-') return routeService(method, segments.slice(1));
  if (segments[0] === resolveBase) return routeResolving(method, segments.slice(1), header);
  const named = readName(segments);
  if (named === null) return notFound();
  const { name, rest } = named;
  if (method !== 'GET' && method !== 'HEAD') return readOnly();
  if (rest.length === 0) return { kind: 'document', form: formFor(header('accept')), name, version: null };
  if (rest[0] === '-') return routeFile(name, rest.slice(1).join('/'));
  // A tag may be any text.
  if (rest.length === 1) return { kind: 'document', form: 'version', name, version: rest[0]! };
  return notFound();
}

/**
 * Below here clients see every version that the registry has, and no archive: a lockfile can be made of it, which is then decided
 * upon as a whole.
 */
const resolveBase = '~resolve';

function routeResolving(method: string, segments: string[], header: FacadeRequest['header']): FacadeRoute {
  const named = readName(segments);
  if (named?.rest.length === 0) {
    if (method !== 'GET' && method !== 'HEAD') return readOnly();
    const isShort = formFor(header('accept')) === 'abbreviated';
    return { kind: 'upstream', name: named.name, accept: isShort ? abbreviated : 'application/json' };
  }
  const detail = 'Held by Sluice: ~resolve is for making lockfiles; install through the address without it.';
  return named?.rest[0] === '-' ? refused('gate.held', detail) : notFound();
}

function routeService(method: string, segments: string[]): FacadeRoute {
  const path = segments.join('/');
  const isRead = method === 'GET' || method === 'HEAD';
  if (segments[0] === 'held') return refused('gate.held', `Held by Sluice: ${segments.slice(1).join('/')}`);
  if (path === 'ping') return { kind: 'answer', status: 200, body: {} };
  if (segments[0] === 'package' && segments.at(-1)?.startsWith('dist-tags') !== false) {
    const named = readName(segments.slice(1));
    const isTags = named?.rest[0] === 'dist-tags';
    if (!named || !isTags) return notFound();
    if (!isRead || named.rest.length > 1) return readOnly();
    return { kind: 'document', form: 'tags', name: named.name, version: null };
  }
  if (path === 'npm/v1/security/advisories/bulk') return { kind: 'advisories', form: 'bulk' };
  if (/^npm\/v1\/security\/audits(?:\/quick)?$/.test(path)) return { kind: 'advisories', form: 'audit' };
  if (/^(?:user\/|v1\/login$|npm\/v1\/(?:tokens|user)\b)/.test(path)) {
    const detail = 'Keys are made with `sluice keys create`; put one into .npmrc as _authToken.';
    return refused('gate.no-login', detail);
  }
  return isRead ? notFound() : readOnly();
}

/** `<base>-<version>.tgz`; some clients and old lockfiles have the scope in it as well. */
function routeFile(name: string, file: string): FacadeRoute {
  const base = name.split('/').at(-1)!;
  const plain = file.startsWith(`${name}-`) ? file.slice(name.length - base.length) : file;
  if (!plain.startsWith(`${base}-`) || !plain.endsWith('.tgz')) return notFound();
  const version = plain.slice(base.length + 1, -'.tgz'.length);
  if (!isExactVersion(version)) return notFound();
  return { kind: 'file', name, version, file: plain, part: null };
}

/** A name in one segment, `@scope%2fname`, or in two. */
function readName([first = '', ...rest]: string[]): { name: string; rest: string[] } | null {
  const isApart = first.startsWith('@') && !first.includes('/');
  const name = isApart ? `${first}/${rest[0] ?? ''}` : first;
  return isNpmName(name) ? { name, rest: isApart ? rest.slice(1) : rest } : null;
}

/** The short form is for installing, and is sent when the client likes it as much as the long one. */
function formFor(accept: string | undefined): 'full' | 'abbreviated' {
  if (accept?.toLowerCase().includes(abbreviated) !== true) return 'full';
  const weight = accepts(accept, abbreviated);
  return weight > 0 && weight >= accepts(accept, 'application/json') ? 'abbreviated' : 'full';
}

const notFound = () => refused('gate.not-found', 'No package of npm has this address.');
const readOnly = () =>
  refused('gate.read-only', 'The gate serves approved packages; publish to the registry itself.');
