import { accepts, readPath, refused, type FacadeRequest, type FacadeRoute } from '@sluice/facades';
import { readFileName } from '../file-names.ts';
import { pypiNames } from '../names.ts';
import { isPypiVersion } from '../versions.ts';

/** Stands behind the address of a wheel (PEP 658). */
const metadataEnding = '.metadata';

/** The forms of an index's page, the one that is sent to clients without a preference first. Source: PEP 691. */
export const pageTypes = {
  page: 'text/html',
  html: 'application/vnd.pypi.simple.v1+html',
  json: 'application/vnd.pypi.simple.v1+json',
} as const;
export type PageForm = keyof typeof pageTypes;

/**
 * What a request of pip, uv or another installer asks for. Source: PyPA, "Simple repository API".
 */
export function routePypi({ method, path, header }: FacadeRequest): FacadeRoute {
  const segments = readPath(path);
  if (segments === null || segments.some(isOdd)) return notFound();
  if (method !== 'GET' && method !== 'HEAD') return readOnly();
  if (segments[0] === 'simple') return routePage(segments.slice(1), formFor(header('accept')));
  if (segments[0] === 'files') return routeFile(segments.slice(1));
  return notFound();
}

/** No name holds a slash, and a page alone ends with one. */
function isOdd(segment: string, at: number, { length }: readonly string[]): boolean {
  return segment.includes('/') || (segment === '' && at < length - 1);
}

/** `simple/<project>/`: any other spelling of the project is sent to its own one (PEP 503). */
function routePage([name = '', ...rest]: string[], form: PageForm): FacadeRoute {
  const isWhole = rest.length === 1 && rest[0] === '';
  if ((rest.length > 0 && !isWhole) || !pypiNames.isName(name)) return notFound();
  const canonical = pypiNames.canonicalName(name);
  if (canonical !== name || !isWhole) return { kind: 'redirect', path: `/simple/${canonical}/` };
  return { kind: 'document', form, name, version: null };
}

/** `files/<project>/<version>/<file>`, and the metadata of a wheel behind the same. */
function routeFile([name = '', version = '', named = '', ...rest]: string[]): FacadeRoute {
  if (rest.length > 0 || !pypiNames.isName(name) || pypiNames.canonicalName(name) !== name) return notFound();
  const isMetadata = named.endsWith(`.whl${metadataEnding}`);
  const file = isMetadata ? named.slice(0, -metadataEnding.length) : named;
  if (!isPypiVersion(version) || readFileName(file, name) === null) return notFound();
  return { kind: 'file', name, version, file, part: isMetadata ? 'metadata' : null };
}

/** The form that the client likes best. */
function formFor(accept: string | undefined): PageForm {
  const forms = Object.entries(pageTypes) as [PageForm, string][];
  // "latest" stands for the newest version of the API, of which there is one.
  const stated = accept?.toLowerCase().replaceAll('vnd.pypi.simple.latest+', 'vnd.pypi.simple.v1+');
  const weighed = forms.map(([form, type]) => ({ form, weight: accepts(stated, type) }));
  return weighed.reduce((best, one) => (one.weight > best.weight ? one : best)).form;
}

const notFound = () => refused('gate.not-found', 'No project of the index has this address.');
const readOnly = () =>
  refused('gate.read-only', 'The gate serves approved packages; upload to the index itself.');
