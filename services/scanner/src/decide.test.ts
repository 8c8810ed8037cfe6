import { eventSizeMaxBytes, scanEvidenceSchema, type Finding } from '@sluice/contracts';
import { cleanRegistry } from '@sluice/testkit';
import { expect, test } from 'vitest';
import { assessments } from '@sluice/ecosystems/assessment';
import { digestOf, downloaded, manifest } from '../test/builders.ts';
import { decideScan, withContentHashes } from './decide.ts';
import type { GatheredScan } from './gather.ts';
import { unscannableReport, type ArchiveReport } from '@sluice/inspection';

const advisories: GatheredScan['advisories'] = { status: 'missing', version: null, matches: [] };

function gathered(report: Partial<ArchiveReport> | null, more: Partial<GatheredScan> = {}): GatheredScan {
  const whole: ArchiveReport = {
    ...unscannableReport('', ''),
    status: 'scanned',
    reason: null,
    detail: null,
    manifest: manifest(),
    ...report,
  };
  return {
    scans: [report && { report: whole, digest: digestOf('c') }],
    advisories,
    registered: manifest(),
    rules: assessments.filter(({ type }) => type === 'npm').flatMap(({ rules }) => rules),
    rulesVersion: 'abc',
    ...more,
  };
}

const finding = (more: Partial<Finding>): Finding => ({
  rule: 'a',
  severity: 'info',
  tier: 'note',
  title: 't',
  file: null,
  line: null,
  excerpt: null,
  ...more,
});

test('bytes that are not there are missing, and never clean', () => {
  const missing = downloaded({ file: { status: 'integrity-failed', artifactDigest: null } });
  expect(decideScan(missing, gathered(null))).toMatchObject({
    files: [{ status: 'missing', reason: 'download.integrity-failed', reportDigest: null }],
    licenseAgreement: 'unknown',
  });
});

test('an archive that was refused keeps its reason', () => {
  const report = unscannableReport('archive.path-traversal', 'why');
  expect(decideScan(downloaded(), gathered(report))).toMatchObject({
    files: [{ status: 'unscannable', reason: 'archive.path-traversal', detail: 'why' }],
  });
});

test('content hashes stand beside the digests of the bytes that they are of', () => {
  const { evidence } = downloaded();
  const [plain] = evidence.download.files;
  const hashed = withContentHashes(evidence.download, gathered({ contentHashes: ['ab'] }));
  expect(hashed.files).toEqual([{ ...plain, digests: { ...plain!.digests, h1: ['ab'] } }]);
  expect(withContentHashes(evidence.download, gathered({}))).toEqual(evidence.download);
  expect(withContentHashes(evidence.download, gathered(null))).toEqual(evidence.download);
});

test('rules see the files of an archive, and those of the other archives of the version', () => {
  const event = downloaded();
  const [first] = event.evidence.download.files;
  const files = ['wheel', 'sdist', 'wheel'].map((kind, at) => ({ ...first!, file: `${at}`, kind }));
  const reports = [['a.py', 'b.py'], ['a.py'], null].map((paths) =>
    paths === null ? null : gathered({ files: paths.map((path) => ({ path, sizeBytes: 1 })) }).scans[0]!,
  );
  const rules = assessments.filter(({ type }) => type === 'pypi').flatMap((one) => one.rules);
  const scan = decideScan(
    { ...event, evidence: { ...event.evidence, download: { ...event.evidence.download, files } } },
    { ...gathered({}), scans: reports, rules },
  );
  const found = scan.files.map((file) => file.findings.filter(({ rule }) => rule === 'malware.wheel-alone'));
  expect(found.map(({ length }) => length)).toEqual([1, 0, 0]);
  expect(found[0]![0]!.excerpt).toBe('b.py');
});

test('license texts are compared with the declared license', () => {
  const licenseTexts = [{ file: 'LICENSE', expression: 'GPL-3.0-only', score: 1 }];
  expect(decideScan(downloaded(), gathered({ licenseTexts }))).toMatchObject({
    licenseAgreement: 'differs',
    files: [{ licenseTexts }],
  });
});

test('rules that need other evidence run with the report, worst findings first', () => {
  const event = downloaded({ registry: { previousRanAtInstall: false } });
  const withHook = manifest({ scripts: { postinstall: 'node x' } });
  const evidence = decideScan(
    event,
    gathered({ manifest: withHook, findings: [finding({})], findingsTotal: 1 }, { registered: withHook }),
  );
  const [file] = evidence.files;
  expect(file!.findings.map(({ rule }) => rule)).toEqual(['malware.install-script-new', 'a']);
  expect(file!.findingsTotal).toBe(2);
});

test('evidence fits into an event with any number of findings, and states the number', () => {
  const long = 'x'.repeat(200);
  const findings = Array.from({ length: 1_000 }, (_, line) =>
    finding({ line, title: long.slice(0, 160), file: long, excerpt: long }),
  );
  const matches = Array.from({ length: 500 }, (_, i) => ({
    id: `GHSA-${i}`,
    aliases: [`CVE-${i}`],
    severity: null,
    score: null,
    summary: long,
    malicious: false,
    fixedIn: null,
  }));
  const full = gathered(
    { findings, findingsTotal: 5_000 },
    { advisories: { status: 'matched', version: 'v', matches } },
  );
  // As large as the registry's client lets its texts be.
  const [file] = cleanRegistry().files;
  const event = downloaded({
    registry: {
      repositoryUrl: 'x'.repeat(2_048),
      withdrawn: { how: 'deprecated', reason: 'x'.repeat(1_000) },
      publisher: long,
      files: [{ ...file!, url: 'x'.repeat(2_048) }],
    },
  });
  const scan = decideScan(event, full);
  expect(scanEvidenceSchema.parse(scan)).toEqual(scan);
  expect([scan.files[0]!.findings.length, scan.files[0]!.findingsTotal]).toEqual([50, 5_000]);
  expect([scan.advisories.matches.length, scan.advisories.matchesTotal]).toEqual([60, 500]);
  const data = { ...event, evidence: { ...event.evidence, scan } };
  expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(eventSizeMaxBytes - 2_000);
});

test('evidence of the most files that are assessed fits into an event, with attestations of each', () => {
  const text = (length: number) => 'x'.repeat(length);
  const [file] = cleanRegistry().files;
  const identity = (at: number) => ({ file: `${at}-${text(120)}.whl`, kind: 'wheel', platform: text(60) });
  const provenance = {
    status: 'verified' as const,
    identity: text(200),
    issuer: text(100),
    repository: text(140),
    detail: null,
  };
  const files = Array.from({ length: 16 }, (_, at) => ({
    ...file!,
    ...identity(at),
    url: `https://files.example/${text(220)}`,
    hashes: [{ algorithm: 'sha256' as const, hex: text(64) }],
    provenance,
  }));
  const event = downloaded({ registry: { files, provenanceBefore: { version: '1', provenance } } });
  const [verified] = event.evidence.download.files;
  const download = {
    ...event.evidence.download,
    files: files.map((_, at) => ({ ...verified!, ...identity(at) })),
  };
  const findings = Array.from({ length: 50 }, (_, line) =>
    finding({ line, title: text(160), file: text(120), excerpt: text(120) }),
  );
  const one = gathered({ findings, findingsTotal: 50 });
  const whole = { ...event, evidence: { ...event.evidence, download } };
  const scan = decideScan(whole, { ...one, scans: files.map(() => one.scans[0]!) });
  const data = { ...whole, evidence: { ...whole.evidence, scan } };
  expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(eventSizeMaxBytes - 2_000);
});

test('a registry that has another version under the key, or an archive of another package, waits for a person', () => {
  const identity = (scan: GatheredScan) =>
    decideScan(downloaded(), scan).files[0]!.findings.filter(({ rule }) => rule === 'manifest.identity');
  expect(identity(gathered({}))).toEqual([]);
  const versions = identity(gathered({}, { registered: manifest({ version: '9.9.9' }) }));
  expect(versions).toMatchObject([{ tier: 'review', excerpt: '9.9.9 instead of 1.0.0' }]);
  const names = identity(gathered({ manifest: manifest({ name: 'A' }) }));
  expect(names).toMatchObject([{ tier: 'review', file: 'package.json', excerpt: 'A instead of a' }]);
  const unseen = identity(
    gathered(unscannableReport('archive.damaged', ''), { registered: manifest({ name: 'b' }) }),
  );
  expect(unseen).toHaveLength(1);
});
