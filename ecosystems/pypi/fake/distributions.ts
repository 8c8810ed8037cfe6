import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { tar, zipOf } from '@sluice/testkit/fakes';

export interface DistributionOptions {
  name: string;
  version: string;
  /** Files beside the metadata. */
  files?: Record<string, string | Uint8Array>;
  /** Headers of the core metadata beside name and version, `License: MIT`. */
  headers?: readonly string[];
  /** `py3-none-any` unless given. */
  tag?: string;
}

export function metadataText({ name, version, headers = [] }: DistributionOptions): string {
  return [
    'Metadata-Version: 2.1',
    `Name: ${name}`,
    `Version: ${version}`,
    ...headers,
    '',
    'A text.',
    '',
  ].join('\n');
}

/** `my_package-1.0`, as files and folders of a distribution are named. */
export function stemOf({ name, version }: DistributionOptions): string {
  return `${name.toLowerCase().replaceAll(/[-_.]+/g, '_')}-${version}`;
}

export const wheelName = (options: DistributionOptions) =>
  `${stemOf(options)}-${options.tag ?? 'py3-none-any'}.whl`;
export const sdistName = (options: DistributionOptions) => `${stemOf(options)}.tar.gz`;

/** A line of RECORD for a file: path, SHA-256 in base64 for addresses, size. */
export function recordLine(path: string, content: string | Uint8Array): string {
  const bytes = Buffer.from(content as string);
  const digest = createHash('sha256').update(bytes).digest('base64url');
  return `${/[",]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path},sha256=${digest},${bytes.length}`;
}

/** A wheel as build backends make it; `record` in place of the right one is for wheels that lie. */
export function buildWheel(options: DistributionOptions & { record?: string }): Buffer {
  const info = `${stemOf(options)}.dist-info`;
  const files: Record<string, string | Uint8Array> = {
    ...options.files,
    [`${info}/METADATA`]: metadataText(options),
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: ${options.tag ?? 'py3-none-any'}\n`,
  };
  const lines = Object.entries(files).map(([path, content]) => recordLine(path, content));
  const record = options.record ?? [...lines, `${info}/RECORD,,`, ''].join('\n');
  return zipOf({ ...files, [`${info}/RECORD`]: record });
}

/** A source distribution as `python -m build` makes it. */
export function buildSdist(options: DistributionOptions): Buffer {
  const files = { 'PKG-INFO': metadataText(options), ...options.files };
  const entries = Object.entries(files).map(([path, body]) => ({ path: `${stemOf(options)}/${path}`, body }));
  return gzipSync(tar(entries));
}
