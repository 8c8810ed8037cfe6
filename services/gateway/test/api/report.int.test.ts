import { reportFormats, reportSchema } from '@sluice/api';
import { uuidV7 } from '@sluice/contracts';
import { intakes } from '@sluice/ecosystems/intake';
import { parseSubmission } from '@sluice/intake';
import { cleanLicense } from '@sluice/testkit';
import { beforeEach, expect, it } from 'vitest';
import { getJson, insertPackage, insertRequest, purlOf, testGateway } from '../gateway-kit.ts';

const { app, deps } = await testGateway();
const { own, read } = deps;
beforeEach(() => own`truncate submissions`);
beforeEach(
  () => read`truncate requests, request_items, packages, package_scopes, package_evidence, advisory_sets`,
);

const digests = { sha1: '0a'.repeat(20), sha256: '0b'.repeat(32), sha512: '0c'.repeat(64) };
const match = {
  id: 'OSV-1',
  aliases: ['CVE-1'],
  severity: 'high',
  score: 7,
  summary: '<script>',
  malicious: false,
  fixedIn: '1.0.1',
};

/** A request with one package version to review, one that is approved, one that has not ended, and one from git. */
async function request() {
  const id = await insertRequest(read, ['a', 'b', 'c', 'git'], { completed: true });
  await read`update requests set filename = 'package-lock.json'`;
  await insertPackage(read, 'a', { outcome: 'review' });
  await insertPackage(read, 'b', { outcome: 'approve', decision: 'approved' });
  await insertPackage(read, 'c', { state: 'running', stage: 'scan' });
  const files = [
    { file: 'a-1.0.0.tgz', status: 'verified', sizeBytes: 3, digests },
    { file: 'gone', status: 'missing', sizeBytes: null, digests: null },
  ];
  await read`
    insert into package_evidence (purl, license, download, scan) values (${purlOf('a')},
      ${JSON.stringify(cleanLicense())}::text::json, ${JSON.stringify({ files })}::text::json,
      ${JSON.stringify({ advisories: { matches: [match] } })}::text::json)`;
  await read`update request_items set outcome = 'review' where name = 'a'`;
  await read`update request_items set outcome = 'approve' where name = 'b'`;
  await read`
    update request_items set purl = null, outcome = 'unassessable', unassessable = '{"code":"source.git","message":"m"}'
    where name = 'git'`;
  return id;
}

it('a report has each item with its standing, license, hashes and advisories', async () => {
  const id = await request();
  const { status, headers, body } = await getJson(app, `/v1/requests/${id}/report`);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  const report = reportSchema.parse(body);
  const [{ request: summary, items } = { request: null, items: [] }] = report.requests;
  expect(summary).toMatchObject({ id, state: 'completed' });
  expect(items.map(({ name, standing }) => [name, standing])).toEqual([
    ['a', 'review'],
    ['b', 'approved-by-person'],
    ['c', 'open'],
    ['git', 'foreign'],
  ]);
  expect(items[0]).toMatchObject({
    license: { expression: 'MIT' },
    files: [{ file: 'a-1.0.0.tgz', ...digests }],
    advisories: [{ id: 'OSV-1' }],
  });
  expect(items[1]).toMatchObject({ license: null, files: [], advisories: [] });
});

it.each(reportFormats)(
  'the format %s is answered with its media type, and no script in it',
  async (format) => {
    const response = await app.request(`/v1/requests/${await request()}/report?format=${format}`);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/; charset=utf-8$/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    if (format !== 'vex') expect(text).toContain('git');
    if (['html', 'junit', 'markdown'].includes(format)) expect(text).not.toContain('<script>');
  },
);

it.each(['cyclonedx', 'spdx'] as const)('a report as %s is an SBOM that is read again', async (format) => {
  const text = await (await app.request(`/v1/requests/${await request()}/report?format=${format}`)).text();
  const { items } = parseSubmission(Buffer.from(text), { intakes });
  expect(items.map(({ purl, name, unassessable }) => purl ?? `${name} ${unassessable!.code}`)).toEqual([
    'package-lock.json source.workspace',
    ...['a', 'b', 'c'].map(purlOf),
    'git source.no-purl',
  ]);
});

it('a request that was just accepted has a report without items; another one and another format are problems', async () => {
  const id = uuidV7();
  await own`
    insert into submissions (id, fingerprint, lane, requester, labels, format, item_count, entry_count, submitted_at)
    values (${id}, 'f', 'bulk', 'mira', '{}', 'purls@1', 1, 1, now())`;
  const { body } = await getJson(app, `/v1/requests/${id}/report?format=json`);
  expect(body).toMatchObject({ requests: [{ request: { state: 'queued' }, items: [] }] });
  expect(await getJson(app, `/v1/requests/${uuidV7()}/report`)).toMatchObject({
    status: 404,
    body: { code: 'request.not-found' },
  });
  expect(await getJson(app, `/v1/requests/${id}/report?format=pdf`)).toMatchObject({ status: 400 });
});
