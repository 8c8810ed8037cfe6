import { posix } from 'node:path';
import semver from 'semver';

/** Kinds of specs that name one place to fetch from; all others name a version, a range or a tag of a registry. */
export type PlaceKind = 'git' | 'file' | 'url' | 'alias';

const gitPattern =
  /^(?:git(?:\+[a-z]+)?:|ssh:|github:|gitlab:|bitbucket:|gist:|sourcehut:|[\w.-]+@[\w.-]+:|[\w.-]+\/[\w.-]+(?:#|$))/i;
const filePattern =
  /^(?:file:|link:|~\/|[./\\]|[a-z]:)|^(?![a-z][a-z0-9+.-]*:)[^]*(?:[\\/]|\.(?:tgz|tar\.gz|tar)$)/i;
const urlPattern = /^https?:/i;
/** Hosts whose plain addresses of repositories npm clones: hosted-git-info 9. */
const gitHost = /^(?:www\.)?(?:github\.com|gist\.github\.com|gitlab\.com|bitbucket\.org|git\.sr\.ht)$/i;

const printable = /^[\x20-\x7e]*$/;
/** Most specs by far; the patterns below are a quarter of the time that a lockfile takes. */
const usualRange = /^[~^]?\d+(?:\.\d+){0,2}$/;

/**
 * Which kind of place a spec names; null for a version, a range or a tag.
 * Source: npm-package-arg 13, `resolve`.
 */
export function placeKind(written: string): PlaceKind | null {
  if (usualRange.test(written)) return null;
  // Line breaks and the like: npm's own patterns disagree about them.
  if (!printable.test(written)) return 'url';
  const spec = written.trim();
  if (/^npm:/i.test(spec)) return 'alias';
  if (urlPattern.test(spec)) return isRepository(spec) ? 'git' : 'url';
  if (gitPattern.test(spec)) return 'git';
  if (filePattern.test(spec)) return 'file';
  // Any other scheme is one that npm may learn to follow.
  return /^[a-z][a-z0-9+.-]*:/i.test(spec) ? 'url' : null;
}

/**
 * Whether a spec is a tag such as `latest`: npm looks it up again at each install where the entry has no address.
 * Source: npm-package-arg 13, `fromRegistry`; @npmcli/arborist, `dep-valid.js`.
 */
export function namesTag(spec: string): boolean {
  return !usualRange.test(spec) && placeKind(spec) === null && semver.validRange(spec, true) === null;
}

export function namesPlace(spec: string): boolean {
  return placeKind(spec) !== null;
}

/** `npm:<name>@<version>`; null for a spec that is no alias. */
export function readAlias(spec: string): { name: string; version: string } | null {
  const [, name, version = ''] = /^npm:((?:@[^@/]+\/)?[^@]+)(?:@(.*))?$/i.exec(spec) ?? [];
  return name ? { name, version } : null;
}

function isRepository(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { hostname, pathname } = new URL(address);
  return gitHost.test(hostname) || pathname.endsWith('.git');
}

function isTarball(spec: string): boolean {
  return /\.(?:tgz|tar\.gz|tar)\s*$/i.test(spec);
}

/** Whether a link leads to the folder that is asked for; a file in its place would be unpacked instead. */
export function isLinkTo(target: string | undefined, asking: string, spec: string): boolean {
  if (target === undefined || placeKind(spec) !== 'file' || isTarball(spec)) return false;
  const asked = posix.join(asking, spec.trim().replace(/^(?:file|link):/i, ''));
  return withoutSlash(posix.normalize(target)) === withoutSlash(asked);
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '');
}
