/** Where a lockfile says that an entry comes from. */
export type NpmSource =
  | { kind: 'registry'; name: string; version: string; notes: Note[] }
  | { kind: 'elsewhere'; code: SourceCode; message: string };

export interface Note {
  code: string;
  message: string;
}

export type SourceCode =
  'source.git' | 'source.file' | 'source.link' | 'source.workspace' | 'source.url' | 'source.no-version';

export interface NpmEntry {
  name: string;
  version: string | undefined;
  resolved: string | undefined;
}

const gitPattern =
  /^(?:git(?:\+[a-z]+)?:|github:|gitlab:|bitbucket:|gist:|[\w.-]+@[\w.-]+:|[\w.-]+\/[\w.-]+#)/i;
const filePattern = /^(?:file:|link:|\.{0,2}\/|[a-z]:\\)/i;

/**
 * Finds out what an entry really installs. Sluice never fetches from an address in a lockfile: a registry tarball is
 * taken from the configured registry by name and version, and everything else is listed with the reason.
 */
export function npmSource({ name, version, resolved }: NpmEntry): NpmSource {
  const spec = version?.trim() ?? '';
  if (gitPattern.test(spec) || (resolved && gitPattern.test(resolved))) {
    return elsewhere('source.git', 'It comes from a git repository, not from a registry.');
  }
  if (filePattern.test(spec) || (resolved && filePattern.test(resolved))) {
    return elsewhere('source.file', 'It comes from a file or folder beside the project.');
  }
  const alias = /^npm:((?:@[^@/]+\/)?[^@]+)@(.+)$/.exec(spec);
  const target = alias ? { name: alias[1]!, version: alias[2]! } : { name, version: spec };
  if (/^https?:/i.test(target.version)) return fromUrl(target.version, name, undefined);
  if (target.version === '') return elsewhere('source.no-version', 'The lockfile states no version.');
  return resolved
    ? fromUrl(resolved, target.name, target.version)
    : { kind: 'registry', ...target, notes: [] };
}

/** `…/<name>/-/<name without scope>-<version>.tgz`: the tarball address of every npm registry. */
const tarballPattern = /^\/(?:.*?\/)??((?:@[^/]+\/)?[^/@]+)\/-\/([^/]+)\.tgz$/;

function fromUrl(address: string, name: string, version: string | undefined): NpmSource {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return elsewhere('source.url', 'Its address cannot be read.');
  }
  const named = tarballOf(url);
  if (!named || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return elsewhere('source.url', 'It comes from an address that is no registry tarball.');
  }
  const notes: Note[] = [];
  if (url.username || url.password)
    notes.push(note('resolved.credentials', 'Its address holds credentials.'));
  if (url.protocol === 'http:') notes.push(note('resolved.insecure', 'Its address is not https.'));
  if (named.name !== name || (version !== undefined && named.version !== version)) {
    // An installer takes the bytes from the address, whatever name the entry goes by.
    notes.push(
      note(
        'resolved.names-another',
        `Listed as ${name}${version ? `@${version}` : ''}, but its address is that of ${named.name}@${named.version}.`,
      ),
    );
  }
  return { kind: 'registry', ...named, notes };
}

function tarballOf(url: URL): { name: string; version: string } | null {
  let path: string;
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    return null;
  }
  const match = tarballPattern.exec(path);
  if (!match) return null;
  const [, name, file] = match as unknown as [string, string, string];
  const prefix = `${name.slice(name.lastIndexOf('/') + 1)}-`;
  return file.startsWith(prefix) ? { name, version: file.slice(prefix.length) } : null;
}

function note(code: string, message: string): Note {
  return { code, message };
}

function elsewhere(code: SourceCode, message: string): NpmSource {
  return { kind: 'elsewhere', code, message };
}
