import { PermanentError, textFault, type ErrorCode } from '@sluice/contracts';

/** How a repository is reached. */
export type GitProtocol = 'https' | 'http' | 'ssh';

/** Address of a repository. */
export interface GitAddress {
  protocol: GitProtocol;
  /** `git.example`, with the port where it is another than the protocol's own. */
  host: string;
  /** Of an ssh address; null for none. */
  user: string | null;
  /** As git is given it. */
  url: string;
}

const addressMaxChars = 500;
const refMaxChars = 200;
const pathMaxChars = 300;
const protocols: Record<string, GitProtocol> = { 'https:': 'https', 'http:': 'http', 'ssh:': 'ssh' };

/**
 * Reads the address of a repository. Helpers of git (`ext::`), files, options and addresses with a password are no address. Pure.
 * @throws PermanentError `git.address-invalid`, `git.credentials-in-address`.
 */
export function parseGitAddress(text: string): GitAddress {
  if (text.length > addressMaxChars) throw invalid(`it has more than ${addressMaxChars} characters`);
  const fault = textFault(text) ?? (/[\s\\]/.test(text) ? 'it has blanks or backslashes' : null);
  if (fault !== null) throw invalid(fault);
  if (text.startsWith('-')) throw invalid('it begins with a hyphen');
  if (/^[a-z0-9+.-]+::/i.test(text)) throw invalid('it names a helper of git');
  if (!URL.canParse(text) || !/^[a-z]+:\/\/[^/]/i.test(text))
    throw invalid('it is written as https://git.example/team/project.git, or ssh://git@git.example/…');
  const url = new URL(text);
  const protocol = protocols[url.protocol];
  if (protocol === undefined) throw invalid('its protocol is none of https, http and ssh');
  requireNoSecret(url, text, protocol);
  if (url.search !== '' || url.hash !== '') throw invalid('it has a query or a fragment');
  if (url.hostname === '' || url.hostname.startsWith('-')) throw invalid('it has no host');
  if (url.hostname.endsWith('.')) throw invalid('its host ends with a dot');
  // The path is written as git will send it: two writings of one path are two repositories to a reader.
  const path = /^[a-z]+:\/\/[^/]+(\/.*)$/i.exec(text)?.[1] ?? '/';
  if (path === '/' || url.pathname !== path || /%(?:00|0a|0d|2e|2f|5c)/i.test(path))
    throw invalid('its path is not plain');
  if (path.startsWith('/-')) throw invalid('its path begins with a hyphen');
  return { protocol, host: url.host, user: url.username || null, url: url.href };
}

/** A name is part of an ssh address; anything else before the `@` may be a secret, and is never repeated. */
function requireNoSecret({ username, password }: URL, text: string, protocol: GitProtocol): void {
  const isPlain = protocol === 'ssh' ? /^[A-Za-z0-9._]*$/.test(username) : username === '';
  const hasAt = protocol !== 'ssh' && /^[a-z]+:\/\/[^/]*@/i.test(text);
  if (password !== '' || !isPlain || hasAt)
    throw new PermanentError('git.credentials-in-address', 'The address has credentials in it.');
}

/**
 * A branch, a tag, a full name of either (`refs/…`), a commit of 40 or 64 digits, or `HEAD`. As `git check-ref-format` has it,
 * and nothing that a refspec or an option could be made of. Pure.
 * @throws PermanentError `git.address-invalid`.
 */
export function checkRef(ref: string): string {
  const isName =
    ref.length <= refMaxChars &&
    /^[\p{L}\p{N}_@][\p{L}\p{N}._/@#+=,%!-]*$/u.test(ref) &&
    !/\.\.|\/\/|\/\.|@\{|\.lock(?:\/|$)|[./]$/.test(ref) &&
    ref !== '@';
  if (!isName) throw invalid(`${JSON.stringify(ref.slice(0, 60))} is no branch, tag or commit`);
  return ref;
}

/** A file or folder within the repository. Pure. @throws PermanentError `git.address-invalid`. */
export function checkRepositoryPath(text: string): string {
  const path = text.replace(/\/+$/, '');
  const isPlain =
    path.length <= pathMaxChars &&
    textFault(path) === null &&
    !path.includes('\\') &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isPlain) throw invalid(`${JSON.stringify(text.slice(0, 60))} is no path within the repository`);
  return path;
}

function invalid(why: string, code: ErrorCode = 'git.address-invalid'): PermanentError {
  return new PermanentError(code, `The source is not taken: ${why}.`);
}
