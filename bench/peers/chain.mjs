/**
 * The chain that each peer runs: the same stages, the same evidence and, stage by stage, the same writes to Postgres
 * as Sluice's aggregator does, each in one statement. Sluice's further writes (an inbox, an outbox, a timeline,
 * read models apart from the state) are left out.
 */
export const stages = ['license', 'download', 'scan', 'finish'];

export const tables = `
  create schema app;
  create table app.requests (
    id uuid primary key, item_count int not null, open_items int not null, submitted_at timestamptz not null default now(),
    completed_at timestamptz);
  create table app.items (
    request_id uuid not null, purl text not null, outcome text, ended_at timestamptz, primary key (request_id, purl));
  create table app.packages (
    purl text primary key, state text not null, license jsonb, download jsonb, scan jsonb, verdict jsonb, decision jsonb,
    requested_at timestamptz not null default now(), ended_at timestamptz);
  create table app.decisions (purl text not null, at timestamptz not null, decision jsonb not null);`;

const digest = `sha256:${'a'.repeat(64)}`;

/** Evidence of the stages, as large as that of Sluice's stages. */
const evidence = {
  license: {
    declared: 'MIT',
    declaredForm: 'spdx',
    expression: 'MIT',
    confidence: 'high',
    deprecated: null,
    publishedAt: '2024-01-01T00:00:00.000Z',
    installScripts: [],
    previousHadInstallScripts: null,
    repositoryUrl: null,
    dist: {
      tarballUrl: 'https://registry.example/example/-/example-1.0.0.tgz',
      integrity: null,
      shasum: null,
      unpackedSizeBytes: null,
      fileCount: null,
      signatures: 'not-available',
    },
    metadataDigest: digest,
    producer: 'bench',
  },
  download: {
    status: 'verified',
    detail: null,
    artifactDigest: digest,
    sizeBytes: 1,
    digests: { sha1: '0'.repeat(40), sha256: '0'.repeat(64), sha512: '0'.repeat(128) },
    verifiedWith: 'sha512',
    weak: false,
    producer: 'bench',
  },
  scan: {
    status: 'scanned',
    reason: null,
    detail: null,
    findings: [],
    findingsTotal: 0,
    advisories: { status: 'matched', version: 'v1', matches: [] },
    licenseTexts: [],
    licenseAgreement: 'unknown',
    entryCount: 1,
    unpackedSizeBytes: 1,
    reportDigest: null,
    producer: 'bench',
  },
};
const verdict = { outcome: 'approve', reasons: [], policyVersion: digest };
const decision = {
  state: 'approved',
  by: { kind: 'policy', name: 'default' },
  reason: 'policy',
  until: null,
};

/** Writes a request with its packages: one statement a table, as many rows as there are. */
export async function submit(sql, requestId, purls) {
  await sql.begin(async (tx) => {
    await tx`insert into app.requests (id, item_count, open_items) values (${requestId}, ${purls.length}, ${purls.length})`;
    await tx`insert into app.items (request_id, purl) select ${requestId}, unnest(${purls}::text[])`;
    await tx`insert into app.packages (purl, state) select unnest(${purls}::text[]), 'license' on conflict do nothing`;
  });
}

/**
 * The write of one stage, in one round trip. Handed jobs one by one or many at once, as the peer delivers them.
 * @returns the jobs for the next stage.
 */
export async function work(sql, stage, jobs) {
  const purls = jobs.map(({ purl }) => purl);
  if (stage !== 'finish') {
    await sql`
      update app.packages set ${sql(stage)} = ${sql.json(evidence[stage])}, state = ${stage}
      where purl = any(${purls}::text[])`;
    return jobs;
  }
  // One statement: the package's end, its decision, the items that wait for it and their requests' progress.
  await sql`
    with ended as (
      update app.packages set state = 'assessed', verdict = ${sql.json(verdict)}, decision = ${sql.json(decision)}, ended_at = now()
      where purl = any(${purls}::text[]) returning purl),
    decided as (insert into app.decisions (purl, at, decision) select purl, now(), ${sql.json(decision)} from ended),
    credited as (
      update app.items i set outcome = 'approve', ended_at = now() from ended
      where i.purl = ended.purl and i.outcome is null returning i.request_id),
    counted as (select request_id, count(*)::int as items from credited group by request_id order by request_id)
    update app.requests r set open_items = open_items - counted.items,
      completed_at = case when open_items = counted.items then now() end
    from counted where r.id = counted.request_id`;
  return [];
}
