import { printable } from '@sluice/contracts';
import type { ArchiveLimits } from './archive-limits.ts';
import { ArchiveRefused } from './archive-refused.ts';

/**
 * Checks the path of an archive entry as an extractor on any operating system would understand it.
 * @returns the path without a slash at its end, and without `.` segments after the first segment. That one stays:
 * `withoutFolder` drops it, also when it is `.`.
 * @throws ArchiveRefused for a path that could leave the folder it is extracted to, or is absurd.
 */
export function checkEntryPath(raw: string, limits: ArchiveLimits): string {
  const shown = printable(raw, 120);
  if (Buffer.byteLength(raw) > limits.pathMaxBytes) {
    throw new ArchiveRefused(
      'archive.path-too-long',
      `A path is longer than ${limits.pathMaxBytes} bytes: ${shown}`,
    );
  }
  if (raw.includes('\0')) throw new ArchiveRefused('archive.path-invalid', `A path contains NUL: ${shown}`);
  if (raw.includes('\\')) {
    throw new ArchiveRefused('archive.backslash-path', `A path contains a backslash: ${shown}`);
  }
  if (raw.startsWith('/') || /^[a-z]:/i.test(raw)) {
    throw new ArchiveRefused('archive.absolute-path', `A path is absolute: ${shown}`);
  }
  const [first, ...rest] = raw.replace(/\/$/, '').split('/');
  const segments = [first, ...rest.filter((segment) => segment !== '.')];
  if (segments.includes('..')) {
    throw new ArchiveRefused('archive.path-traversal', `A path leaves the archive: ${shown}`);
  }
  if (segments.includes('') || raw.endsWith('/.')) {
    throw new ArchiveRefused('archive.ambiguous', `A path has an empty segment, or ends with one: ${shown}`);
  }
  if (segments.length > limits.depthMax) {
    throw new ArchiveRefused('archive.path-too-deep', `A path has ${segments.length} levels: ${shown}`);
  }
  return segments.join('/');
}

/**
 * The path of an entry that a package manager writes without its first segment, under any name.
 * @returns null for an entry at the top level, which is not extracted then.
 */
export function withoutFolder(path: string): string | null {
  const slash = path.indexOf('/');
  return slash < 0 ? null : path.slice(slash + 1);
}

/** Paths with the same key are one file on a file system that ignores case or normalises Unicode. */
export function collisionKey(path: string): string {
  return path.normalize('NFKC').toUpperCase().toLowerCase();
}

/**
 * Checks where a link points.
 * @param from folder that the target is relative to: the link's own for a symbolic link, the root for a hard link.
 * @throws ArchiveRefused `archive.link-escape` when the target is outside of the archive.
 */
export function checkLinkTarget(path: string, target: string, from: string): void {
  const refuse = () =>
    new ArchiveRefused('archive.link-escape', `${printable(path, 120)} links to ${printable(target, 120)}`);
  if (target === '' || /^[/\\]|^[a-z]:|\\/i.test(target)) throw refuse();
  const resolved = from.split('/').filter((segment) => segment !== '' && segment !== '.');
  for (const segment of target.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') resolved.push(segment);
    else if (resolved.pop() === undefined) throw refuse();
  }
}
