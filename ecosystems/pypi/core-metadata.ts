import type { PackageManifest } from '@sluice/inspection/inspect';
import { readRequirement } from './requirement.ts';
import { pypiNames } from './names.ts';

/** A distribution's statement of itself: METADATA of a wheel, PKG-INFO of an sdist, `.metadata` beside a file. */
export interface CoreMetadata {
  name: string | null;
  version: string | null;
  license: string | null;
  licenseExpression: string | null;
  licenseFiles: string[];
  classifiers: string[];
  requiresDist: string[];
  requiresPython: string | null;
  /** `Repository` and so on, by label; the home page under `Home-page`. */
  urls: Record<string, string>;
  /** Why it must not be relied on: two readers could take it differently. Null where nothing is odd. */
  problem: string | null;
}

/** Descriptions are long, headers are not; the largest real ones have some 100 kB. */
export const metadataMaxBytes = 2 * 1024 * 1024;
const valueMax = 100_000;
const valuesMax = 2_000;
const single = ['metadata-version', 'name', 'version', 'license', 'license-expression', 'requires-python'];

/**
 * Reads the headers of core metadata as Python's email parser does: the first of a repeated field counts, and lines that begin
 * with a blank go on. Source: PyPA, "Core metadata specifications".
 */
export function readCoreMetadata(text: string): CoreMetadata {
  const fields = readHeaders(text);
  const first = (name: string) => fields.get(name)?.[0]?.slice(0, valueMax) ?? null;
  const all = (name: string) => (fields.get(name) ?? []).slice(0, valuesMax);
  const repeated = single.find((name) => new Set(fields.get(name) ?? []).size > 1);
  const missing = ['name', 'version'].find((name) => !first(name));
  return {
    name: first('name'),
    version: first('version'),
    license: first('license'),
    licenseExpression: first('license-expression'),
    licenseFiles: all('license-file'),
    classifiers: all('classifier'),
    requiresDist: all('requires-dist'),
    requiresPython: first('requires-python'),
    urls: urlsOf(all('project-url'), first('home-page')),
    problem: repeated ? `It states ${repeated} twice` : missing ? `It states no ${missing}` : null,
  };
}

function readHeaders(text: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  let last: string[] | null = null;
  for (const line of text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)) {
    if (line === '') break;
    if (/^[ \t]/.test(line)) {
      // Descriptions mark their continuation with a bar, as distutils wrote it.
      if (last) last[last.length - 1] += `\n${line.replace(/^[ \t]+\|?/, '')}`;
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) break;
    const name = line.slice(0, colon).trim().toLowerCase();
    last = fields.get(name) ?? [];
    fields.set(name, last);
    last.push(line.slice(colon + 1).trim());
  }
  return fields;
}

function urlsOf(projectUrls: readonly string[], homePage: string | null): Record<string, string> {
  const labelled = projectUrls.flatMap((entry): [string, string][] => {
    const comma = entry.lastIndexOf(',');
    return comma < 0 ? [] : [[entry.slice(0, comma).trim(), entry.slice(comma + 1).trim()]];
  });
  const home: [string, string][] = homePage && homePage !== 'UNKNOWN' ? [['Home-page', homePage]] : [];
  return Object.fromEntries([...home, ...labelled]);
}

/** Labels of the address of the source code, most telling first. Source: PyPA, "Well-known project URLs". */
const repositoryLabels = /^(?:source|source ?code|repository|repo|code|github|gitlab)$/i;
const codeHosts = /^https?:\/\/(?:www\.)?(?:github|gitlab|bitbucket|codeberg|sr\.ht)[./]/i;

/** Address of the source code; null where none is stated. */
export function repositoryOf({ urls }: Pick<CoreMetadata, 'urls'>): string | null {
  const entries = Object.entries(urls);
  const labelled = entries.find(([label]) => repositoryLabels.test(label.trim()));
  return labelled?.[1] ?? entries.find(([, url]) => codeHosts.test(url))?.[1] ?? null;
}

/** The parts that rules need. Dependencies of extras are optional; a dependency without a readable name has its whole text as name. */
export function manifestOf(metadata: CoreMetadata): PackageManifest {
  const required = new Map<string, string>();
  const optional = new Map<string, string>();
  for (const text of metadata.requiresDist) {
    const read = readRequirement(text);
    const name = read ? pypiNames.canonicalName(read.name) : text.slice(0, 200);
    const spec = read ? (read.url ?? read.specifier) : text.slice(0, 1_000);
    const group = /\bextra\s*==/.test(read?.marker ?? '') ? optional : required;
    const known = group.get(name);
    group.set(name, known === undefined ? spec : `${known} | ${spec}`);
  }
  return {
    name: metadata.name,
    version: metadata.version,
    scripts: {},
    dependencies: Object.fromEntries(required),
    optionalDependencies: Object.fromEntries(optional),
    peerDependencies: {},
    main: null,
    bin: {},
    entryPoints: [],
  };
}
