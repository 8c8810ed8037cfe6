import { createHash } from 'node:crypto';
import { startFakeHost, type Answer, type FakeHost } from '@sluice/testkit/fakes';
import { buildWheel, metadataText, wheelName, type DistributionOptions } from './distributions.ts';

export interface FakeFile {
  file: string;
  body: Uint8Array;
  uploadedAt?: string | null;
  requiresPython?: string | null;
  yanked?: boolean | string;
  /** Text of the `.metadata` beside it; not served when left out. */
  metadata?: string;
  /** Whether the page announces the metadata; `wrong` with another hash. */
  announced?: boolean | 'wrong';
  /** Its attestations, served beside it; a text stands for an address that is stated and not served. */
  provenance?: object | string;
  /** What the page states in place of the SHA-256 of the body. */
  hashes?: Record<string, string>;
}

export interface FakeProject {
  name: string;
  files: readonly FakeFile[];
  /** Further fields of the page. */
  page?: Record<string, unknown>;
}

export interface FakePypi extends FakeHost {
  /** Address of the index, as pip has it. */
  indexUrl: string;
  /** Adds files to a project. @returns their addresses. */
  publish(project: FakeProject): string[];
  /** A wheel for any platform. */
  publishWheel(options: DistributionOptions): { archiveUrl: string; archive: Uint8Array };
  /** Serves the JSON API's answer for a version. */
  serveJson(name: string, version: string, info: Record<string, unknown>): void;
  /** Serves these bytes at a path. */
  serve(path: string, type: string, body: string | Uint8Array): void;
}

const jsonType = 'application/vnd.pypi.simple.v1+json';

/** An index with the simple API over local HTTP. Its answers have the form of recorded ones. */
export async function startFakePypi({ form = 'json' }: { form?: 'json' | 'html' } = {}): Promise<FakePypi> {
  const answers = new Map<string, Answer>();
  const projects = new Map<string, { files: FakeFile[]; page: Record<string, unknown> }>();
  const host = await startFakeHost(
    (path) => answers.get(path) ?? { status: 404, type: 'text/html', body: Buffer.from('404 Not Found') },
  );
  const serve = (path: string, type: string, body: string | Uint8Array) =>
    void answers.set(path, { status: 200, type, body: Buffer.from(body as string) });
  const pathOf = (file: string) => `/files/${file}`;

  function publish({ name, files, page = {} }: FakeProject): string[] {
    const project = projects.get(name) ?? { files: [], page: {} };
    projects.set(name, { files: [...project.files, ...files], page: { ...project.page, ...page } });
    const all = projects.get(name)!;
    for (const { file, body, metadata, provenance } of files) {
      if (typeof provenance === 'object')
        serve(provenancePath(file), 'application/vnd.pypi.integrity.v1+json', JSON.stringify(provenance));
      serve(pathOf(file), 'application/octet-stream', body);
      if (metadata !== undefined) serve(`${pathOf(file)}.metadata`, 'application/octet-stream', metadata);
    }
    if (form === 'json') serve(`/simple/${name}/`, jsonType, JSON.stringify(jsonPage(name, all, host.url)));
    else serve(`/simple/${name}/`, 'text/html', htmlPage(name, all.files));
    return files.map(({ file }) => host.url + pathOf(file));
  }

  return {
    ...host,
    indexUrl: `${host.url}/simple/`,
    serve,
    publish,
    publishWheel(options) {
      const archive = buildWheel(options);
      const one = {
        file: wheelName(options),
        body: archive,
        metadata: metadataText(options),
        announced: true,
      };
      const [archiveUrl] = publish({ name: options.name, files: [one] });
      return { archiveUrl: archiveUrl!, archive };
    },
    serveJson: (name, version, info) =>
      serve(
        `/pypi/${name}/${version}/json`,
        'application/json',
        JSON.stringify({ info: { name, version, ...info }, urls: [] }),
      ),
  };
}

const provenancePath = (file: string) => `/integrity/${file}/provenance`;

function provenanceUrl({ file, provenance }: FakeFile, url: string): string | null {
  if (provenance === undefined) return null;
  return typeof provenance === 'string' ? provenance : url + provenancePath(file);
}

const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function metadataField({ metadata, announced }: FakeFile): false | { sha256: string } {
  if (!announced || metadata === undefined) return false;
  return { sha256: sha256(announced === 'wrong' ? 'another text' : metadata) };
}

function jsonPage(
  name: string,
  { files, page }: { files: FakeFile[]; page: Record<string, unknown> },
  url: string,
) {
  return {
    meta: { 'api-version': '1.1', '_last-serial': 1 },
    name,
    versions: [],
    files: files.map((one) => ({
      filename: one.file,
      url: `${url}/files/${one.file}`,
      hashes: one.hashes ?? { sha256: sha256(one.body) },
      'requires-python': one.requiresPython ?? null,
      size: one.body.length,
      ...(one.uploadedAt === null ? {} : { 'upload-time': one.uploadedAt ?? '2024-01-01T00:00:00.000000Z' }),
      yanked: one.yanked ?? false,
      'core-metadata': metadataField(one),
      provenance: provenanceUrl(one, url),
    })),
    ...page,
  };
}

/** Links relative to the page, as some registries write them. */
function htmlPage(name: string, files: readonly FakeFile[]): string {
  const links = files.map((one) => {
    const metadata = metadataField(one);
    const attributes = [
      `href="../../files/${one.file}#sha256=${sha256(one.body)}"`,
      ...(one.requiresPython ? [`data-requires-python="${one.requiresPython.replaceAll('>', '&gt;')}"`] : []),
      ...(one.yanked ? [`data-yanked="${one.yanked === true ? '' : one.yanked}"`] : []),
      ...(one.provenance ? [`data-provenance="${provenanceUrl(one, '../..')}"`] : []),
      ...(metadata ? [`data-core-metadata="sha256=${metadata.sha256}"`] : []),
    ];
    return `    <a ${attributes.join(' ')}>${one.file}</a><br />`;
  });
  return `<!DOCTYPE html>\n<html>\n  <head>\n    <meta name="pypi:repository-version" content="1.1">\n    <title>Links for ${name}</title>\n  </head>\n  <body>\n${links.join('\n')}\n  </body>\n</html>\n`;
}
