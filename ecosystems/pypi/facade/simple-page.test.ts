import { describe, expect, it } from 'vitest';
import type { Listing } from '@sluice/facades';
import { readIndexPage } from '../index-page.ts';
import { simplePage } from './simple-page.ts';

const wheel = 'a_b-1.0-py3-none-any.whl';
const listing = (more: Partial<Listing> = {}): Listing => ({
  name: 'a-b',
  baseUrl: 'https://gate.example/pypi',
  versions: [
    {
      version: '1.0',
      publishedAt: '2024-01-02T00:00:00.000Z',
      manifest: {
        files: [
          {
            file: wheel,
            requiresPython: '>=3.8, <"4"',
            uploadedAt: '2024-01-01T00:00:00.000Z',
            yanked: null,
          },
          { file: 'a_b-1.0.tar.gz', requiresPython: null, uploadedAt: null, yanked: '' },
        ],
      },
      files: [
        { file: 'a_b-1.0.tar.gz', platform: null, sizeBytes: 20, sha256: '2'.repeat(64) },
        { file: wheel, platform: null, sizeBytes: 10, sha256: '1'.repeat(64) },
      ],
    },
  ],
  held: [{ version: '1.1', message: 'waits for a review (malware.<b>)', files: [] }],
  tags: {},
  modifiedAt: '2024-02-01T00:00:00.000Z',
  ...more,
});

const base = 'https://gate.example/pypi/files/a-b';

it('lists the files that were approved, as the registry described them', () => {
  const { contentType, body } = simplePage('json', listing({ held: [] }))!;
  expect(contentType).toBe('application/vnd.pypi.simple.v1+json');
  expect(JSON.parse(body)).toEqual({
    meta: { 'api-version': '1.1' },
    name: 'a-b',
    versions: ['1.0'],
    files: [
      {
        filename: 'a_b-1.0.tar.gz',
        url: `${base}/1.0/a_b-1.0.tar.gz`,
        hashes: { sha256: '2'.repeat(64) },
        size: 20,
        'upload-time': '2024-01-02T00:00:00.000Z',
        yanked: true,
      },
      {
        filename: wheel,
        url: `${base}/1.0/${wheel}`,
        hashes: { sha256: '1'.repeat(64) },
        size: 10,
        'upload-time': '2024-01-01T00:00:00.000Z',
        'requires-python': '>=3.8, <"4"',
        yanked: false,
        'core-metadata': true,
        'dist-info-metadata': true,
      },
    ],
  });
});

it('shows what is held as yanked, with the reason, and without bytes', () => {
  const { files } = JSON.parse(simplePage('json', listing({ versions: [] }))!.body) as { files: object[] };
  expect(files).toEqual([
    {
      filename: 'a_b-1.1-py3-none-any.whl',
      url: `${base}/1.1/a_b-1.1-py3-none-any.whl`,
      hashes: {},
      yanked: 'Held by Sluice: a-b@1.1 waits for a review (malware.<b>).',
    },
  ]);
});

it('shows the files of a held version as the registry lists them, where it does', () => {
  const stated = { file: 'a_b-2.0.tar.gz', requiresPython: '>=3', uploadedAt: null, yanked: 'broken' };
  const file = { version: '2.0', file: stated.file, sizeBytes: 5, sha256: '3'.repeat(64), stated };
  const held = [{ version: '2.0', message: 'is not assessed yet', files: [file] }];
  const { files } = JSON.parse(simplePage('json', listing({ versions: [], held }))!.body) as {
    files: object[];
  };
  expect(files).toEqual([
    {
      filename: 'a_b-2.0.tar.gz',
      url: `${base}/2.0/a_b-2.0.tar.gz`,
      hashes: { sha256: '3'.repeat(64) },
      size: 5,
      'requires-python': '>=3',
      yanked: 'Held by Sluice: a-b@2.0 is not assessed yet.',
    },
  ]);
});

describe.each(['page', 'html'] as const)('the form %s', (form) => {
  it('says the same as JSON, but for sizes and times, which it cannot', () => {
    const read = (of: 'json' | 'page' | 'html') =>
      readIndexPage(Buffer.from(simplePage(of, listing())!.body)).files.map((one) => ({
        ...one,
        sizeBytes: null,
        uploadedAt: null,
      }));
    expect(read(form)).toEqual(read('json'));
    expect(read(form)).toHaveLength(3);
    expect(simplePage(form, listing())!.body).not.toContain('<b>');
  });
});

it('lists a file once that two spellings of a version have', () => {
  const [one] = listing().versions;
  const { body } = simplePage(
    'json',
    listing({ versions: [one!, { ...one!, version: '1.0.0' }], held: [] }),
  )!;
  expect((JSON.parse(body) as { files: object[] }).files).toHaveLength(2);
});

it('is absent where there is nothing to list', () => {
  expect(simplePage('json', listing({ versions: [], held: [] }))).toBeNull();
});
