import { posix } from 'node:path';
import { PermanentError } from '@sluice/contracts';
import { shown } from '@sluice/intake';

/** Where an entry of a lockfile stands in the project, as npm understands its key. */
export interface NpmPlace {
  /** The key in the one form that npm gives it: forward slashes, no `.`, no `//`, no trailing slash. */
  path: string;
  /**
   * `package`: `…/node_modules/<name>`. `folder`: a folder of the project or beside it, which npm never fills.
   * `odd`: below `node_modules`, but no place of a package.
   */
  kind: 'package' | 'folder' | 'odd';
  /** The last folder, with its scope: the name that the package is required by. */
  name: string;
}

/** No operating system takes a longer path. */
const placeMaxChars = 4_096;
/** The deepest trees of npm 2 had some dozen packages within each other. */
const placeMaxSegments = 128;

/**
 * Reads a key of `packages`. npm resolves keys as paths: backslashes are slashes on every system, `./`, `//` and `..`
 * are taken out. Two keys that mean one place are two entries here, and both are judged.
 * Source: @npmcli/arborist, `load-virtual.js` and `relpath.js`.
 * @throws PermanentError `lockfile.invalid` for a key that means the project itself, or a place outside of any project.
 */
export function readPlace(key: string): NpmPlace {
  const tooLong = key.length > placeMaxChars || key.split(/[/\\]/).length > placeMaxSegments;
  if (tooLong) throw new PermanentError('lockfile.invalid', `The place "${shown(key)}" is too long.`);
  const path = posix.normalize(key.replaceAll('\\', '/')).replace(/\/+$/, '');
  if (path === '.' || path === '' || path.startsWith('/') || /^[a-z]:/i.test(path)) {
    throw new PermanentError('lockfile.invalid', `The place "${shown(key)}" is not one within a project.`);
  }
  const segments = path.split('/');
  const last = segments.lastIndexOf('node_modules');
  if (last < 0) {
    // On some systems this is the same folder; npm goes by its letters and puts nothing there.
    const isLookAlike = segments.some((segment) => segment.toLowerCase() === 'node_modules');
    return { path, kind: isLookAlike ? 'odd' : 'folder', name: path };
  }
  const rest = segments.slice(last + 1);
  const isPackage = rest.length === (rest[0]?.startsWith('@') ? 2 : 1);
  return { path, kind: isPackage ? 'package' : 'odd', name: rest.join('/') };
}

/** The place that encloses a place: the part before its last `node_modules`; empty for the project itself. */
export function enclosingPlace(path: string): string {
  const marker = path.lastIndexOf('node_modules/');
  return marker <= 0 ? '' : path.slice(0, marker - 1);
}
