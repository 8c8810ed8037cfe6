import type { FacadeDocument, HeldVersion, ListedVersion, Listing } from '@sluice/facades';
import { z } from 'zod';
import { pageTypes, type PageForm } from './route.ts';

/** Version of the API whose fields are sent (PEP 700). */
const apiVersion = '1.1';

/** A file as a page lists it. */
interface PageFile {
  filename: string;
  url: string;
  /** Hex; null for a file whose bytes are not known. */
  sha256: string | null;
  sizeBytes: number | null;
  uploadedAt: string | null;
  requiresPython: string | null;
  /** The reason, empty where there is none; null for a file that was not yanked. */
  yanked: string | null;
  hasMetadata: boolean;
}

/** What the registry said of each file, as its client has put it into the manifest. */
const statedSchema = z.looseObject({
  file: z.string(),
  requiresPython: z.string().nullable(),
  uploadedAt: z.string().nullable(),
  yanked: z.string().nullable(),
});
const manifestSchema = z.looseObject({ files: z.array(statedSchema) });

/**
 * The page of a project: the files of its approved versions, and each version that is held as a yanked file with the reason.
 * Installers pass yanked files over, but for one that is asked for by its exact version; it is then refused, with words that they
 * show. Nothing else of a held version would reach a person.
 */
export function simplePage(form: PageForm, listing: Listing): FacadeDocument | null {
  const approved = listing.versions.flatMap((version) => filesOf(version, listing));
  const held = listing.held.flatMap((version) => heldFiles(version, listing));
  // Each file once: `1.0` and `1.0.0` are one version for installers, with the same files.
  const files = [...new Map([...held, ...approved].map((file) => [file.filename, file])).values()];
  if (files.length === 0) return null;
  const body = form === 'json' ? jsonPage(listing, files) : htmlPage(listing.name, files);
  return { contentType: form === 'page' ? `${pageTypes.page}; charset=utf-8` : pageTypes[form], body };
}

function filesOf({ version, manifest, files, publishedAt }: ListedVersion, listing: Listing): PageFile[] {
  const stated = new Map(manifestSchema.parse(manifest).files.map((one) => [one.file, one]));
  return files.map(({ file, sha256, sizeBytes }) => {
    const said = stated.get(file);
    return {
      filename: file,
      url: urlOf(listing, version, file),
      sha256,
      sizeBytes,
      // Clients with a minimum age refuse a file without a time.
      uploadedAt: said?.uploadedAt ?? publishedAt,
      requiresPython: said?.requiresPython ?? null,
      yanked: said?.yanked ?? null,
      hasMetadata: file.endsWith('.whl'),
    };
  });
}

/**
 * The files of a held version with the hashes that the registry states: who asks for one has it assessed, and may get it then. Where
 * they are not known, a wheel stands for them.
 */
function heldFiles({ version, message, files }: HeldVersion, listing: Listing): PageFile[] {
  const yanked = `Held by Sluice: ${listing.name}@${version} ${message}.`;
  const shown = (filename: string) => ({ filename, url: urlOf(listing, version, filename), yanked });
  if (files.length > 0)
    return files.map(({ file, sha256, sizeBytes, stated }) => {
      const { uploadedAt, requiresPython } = statedSchema.parse(stated);
      const hasMetadata = file.endsWith('.whl');
      return { ...shown(file), sha256, sizeBytes, uploadedAt, requiresPython, hasMetadata };
    });
  const part = (text: string) => text.replaceAll('-', '_');
  const unknown = { sha256: null, sizeBytes: null, uploadedAt: null, requiresPython: null };
  return [
    { ...shown(`${part(listing.name)}-${part(version)}-py3-none-any.whl`), ...unknown, hasMetadata: false },
  ];
}

function urlOf({ name, baseUrl }: Listing, version: string, file: string): string {
  return `${baseUrl}/files/${name}/${encodeURIComponent(version)}/${encodeURIComponent(file)}`;
}

function jsonPage({ name, versions, held }: Listing, files: readonly PageFile[]): string {
  return JSON.stringify({
    meta: { 'api-version': apiVersion },
    name,
    versions: [...versions, ...held].map(({ version }) => version),
    files: files.map((file) => ({
      filename: file.filename,
      url: file.url,
      hashes: file.sha256 === null ? {} : { sha256: file.sha256 },
      ...(file.sizeBytes === null ? {} : { size: file.sizeBytes }),
      ...(file.uploadedAt === null ? {} : { 'upload-time': file.uploadedAt }),
      ...(file.requiresPython === null ? {} : { 'requires-python': file.requiresPython }),
      yanked: file.yanked === null ? false : file.yanked || true,
      // Clients from before PEP 714 know the second name alone.
      ...(file.hasMetadata ? { 'core-metadata': true, 'dist-info-metadata': true } : {}),
    })),
  });
}

function htmlPage(name: string, files: readonly PageFile[]): string {
  const links = files.map((file) => {
    const fragment = file.sha256 === null ? '' : `#sha256=${file.sha256}`;
    const attributes = [
      ['href', file.url + fragment],
      ['data-requires-python', file.requiresPython],
      ['data-yanked', file.yanked],
      ['data-core-metadata', file.hasMetadata ? 'true' : null],
      ['data-dist-info-metadata', file.hasMetadata ? 'true' : null],
    ].flatMap(([attribute, value]) => (value == null ? [] : [`${attribute}="${escape(value)}"`]));
    return `<a ${attributes.join(' ')}>${escape(file.filename)}</a><br>`;
  });
  return [
    '<!DOCTYPE html>',
    `<html><head><meta name="pypi:repository-version" content="${apiVersion}"><title>Links for ${escape(name)}</title></head>`,
    `<body><h1>Links for ${escape(name)}</h1>`,
    ...links,
    '</body></html>',
    '',
  ].join('\n');
}

const entities: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };

function escape(text: string): string {
  return text.replaceAll(/[<>&"]/g, (one) => entities[one]!);
}
