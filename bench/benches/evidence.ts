import { createReadStream, createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileArtifactStore } from '@sluice/artifacts';
import type { Finding } from '@sluice/contracts';
import { npmSettings } from '@sluice/embedded';
import { inspections } from '@sluice/ecosystems/inspection';
import { inspectArchive } from '@sluice/inspection/inspect';
import type { Bench, BenchContext, Result } from '../bench.ts';
import { evidenceCases, type EvidenceCase } from '../evidence-cases.ts';
import { findGuardDog, scanWithGuardDog, type GuardDogScan } from '../guarddog.ts';
import { popularArchives } from '../popular-packages.ts';
import { fetchArchives, realProject } from '../real-packages.ts';
import { withScratch } from '../scratch.ts';

/** Honest archives that GuardDog reads beside; it takes seconds for each. */
const besideMax = { quick: 20, full: 60 };

const tiers: Finding['tier'][] = ['note', 'review', 'block'];

interface Scanned {
  file: string;
  findings: Finding[];
  tier: Finding['tier'];
  seconds: number;
}

/** What the scan notices, and what it says of honest packages. */
export const evidence: Bench = {
  name: 'evidence',
  what: 'imitations of attacks that the scan notices, by kind, and honest packages of a real lockfile (with --popular, of the popular list) that it holds up, by rule; GuardDog beside it on the same archives',
  run: (context) =>
    withScratch(async ({ folder }) => {
      const cases = await evidenceCases();
      const imitations = await writeCases(cases, folder);
      const packages = await packageFiles(context, folder);
      const version = await findGuardDog(context.say);
      return [
        ...(await recall(cases, imitations, version)),
        ...(await rates(packages, version, context.quick)),
      ];
    }),
};

async function writeCases(cases: EvidenceCase[], folder: string): Promise<string[]> {
  return await Promise.all(
    cases.map(async ({ id, archive }) => {
      const file = path.join(folder, `${id}.tgz`);
      await writeFile(file, archive);
      return file;
    }),
  );
}

/** Paths of the archives of honest packages. */
async function packageFiles({ quick, say, popular }: BenchContext, folder: string): Promise<string[]> {
  const { registryUrl } = await npmSettings(process.env);
  if (popular > 0) return await popularArchives(popular, registryUrl, say);
  const project = await realProject(quick, say);
  if (!project) return [];
  const artifacts = fileArtifactStore(path.join(folder, 'artifacts'));
  const digests = await fetchArchives(project, registryUrl, artifacts);
  return await Promise.all(
    [...new Set(digests)].map(async (digest) => {
      const file = path.join(folder, `${digest.replace(/\W+/g, '-')}.tgz`);
      await pipeline(await artifacts.open(digest), createWriteStream(file));
      return file;
    }),
  );
}

async function recall(cases: EvidenceCase[], files: string[], version: string | null): Promise<Result[]> {
  const scanned = await scanAll(files);
  const beside = await scanBeside(files, version);
  const attacks = cases.filter(({ at }) => at !== 'none');
  const kinds = [...new Set(attacks.map(({ kind }) => kind))];
  const row = (what: string, fits: (one: EvidenceCase) => boolean): Result => {
    const chosen = cases.flatMap((one, index) => (fits(one) ? [index] : []));
    const noticed = chosen.filter((index) => isNoticed(cases[index]!, scanned[index]!));
    const missed = chosen.filter((index) => !noticed.includes(index)).map((index) => cases[index]!.id);
    return {
      what,
      samples: [share(noticed.length, chosen.length)],
      unit: ' %',
      note: `${noticed.length} of ${chosen.length}${missed.length > 0 ? `; not: ${missed.join(', ')}` : ''}`,
      ...peerOf(
        version,
        chosen.map((index) => beside[index]!),
      ),
    };
  };
  return [
    row('imitations noticed at the wanted tier', ({ at }) => at !== 'none'),
    ...kinds.map((kind) => row(`· ${kind}`, (one) => one.kind === kind && one.at !== 'none')),
    {
      ...row('honest code that looks like one, held up', ({ at }) => at === 'none'),
      ...heldUp(cases, scanned),
    },
  ];
}

function isNoticed({ at }: EvidenceCase, { tier }: Scanned): boolean {
  return at !== 'none' && tiers.indexOf(tier) >= tiers.indexOf(at);
}

function heldUp(cases: EvidenceCase[], scanned: Scanned[]): Pick<Result, 'samples' | 'note'> {
  const honest = cases.flatMap((one, index) => (one.at === 'none' ? [scanned[index]!] : []));
  const held = honest.filter(({ tier }) => tier !== 'note');
  return { samples: [share(held.length, honest.length)], note: `${held.length} of ${honest.length}` };
}

async function rates(files: string[], version: string | null, quick: boolean): Promise<Result[]> {
  if (files.length === 0) return [];
  const scanned = await scanAll(files);
  const step = Math.ceil(files.length / (quick ? besideMax.quick : besideMax.full));
  const chosen = files.filter((_, index) => index % step === 0);
  const beside = await scanBeside(chosen, version);
  const rate = (what: string, held: Scanned[]): Result => ({
    what,
    samples: [share(held.length, scanned.length)],
    unit: ' %',
    note: `${held.length} of ${scanned.length}`,
  });
  const rules = new Map<string, Set<Scanned>>();
  for (const one of scanned) {
    for (const { rule, tier } of one.findings) {
      if (tier === 'note') continue;
      const key = `${tier} ${rule}`;
      rules.set(key, (rules.get(key) ?? new Set()).add(one));
    }
  }
  return [
    {
      ...rate(
        'honest packages held up',
        scanned.filter(({ tier }) => tier !== 'note'),
      ),
      budget: { max: 5, what: '5 %' },
      ...peerOf(version, beside),
    },
    {
      ...rate(
        'honest packages blocked',
        scanned.filter(({ tier }) => tier === 'block'),
      ),
      budget: { max: 0.2, what: '0.2 %' },
    },
    ...[...rules]
      .toSorted(([, a], [, b]) => b.size - a.size)
      .map(([rule, held]) => rate(`· ${rule}`, [...held])),
    {
      what: 'time for a package',
      samples: scanned.map(({ seconds }) => seconds),
      unit: ' s',
      ...(version && {
        peer: { name: `GuardDog ${version}`, samples: beside.flatMap((one) => one?.seconds ?? []) },
      }),
      note: version ? `GuardDog: ${chosen.length} of the packages, each with the start of its program` : '',
    },
  ];
}

/** GuardDog's share; archives without an answer count as not flagged. */
function peerOf(version: string | null, scans: (GuardDogScan | null)[]): Pick<Result, 'peer'> {
  if (version === null || scans.length === 0) return {};
  const flagged = scans.filter((scan) => scan?.isFlagged === true);
  const any = scans.filter((scan) => scan?.hasRisks === true);
  const name = `GuardDog ${version} above low (any risk: ${share(any.length, scans.length).toFixed(1)} %)`;
  return { peer: { name, samples: [share(flagged.length, scans.length)] } };
}

async function scanAll(files: string[]): Promise<Scanned[]> {
  const scanned: Scanned[] = [];
  for (const file of files) {
    const started = performance.now();
    const { findings } = await inspectArchive(createReadStream(file), inspections[0]!);
    const tier = tiers[Math.max(0, ...findings.map((finding) => tiers.indexOf(finding.tier)))]!;
    scanned.push({ file, findings, tier, seconds: (performance.now() - started) / 1_000 });
  }
  return scanned;
}

async function scanBeside(files: string[], version: string | null): Promise<(GuardDogScan | null)[]> {
  const scans: (GuardDogScan | null)[] = [];
  for (const file of version === null ? [] : files) scans.push(await scanWithGuardDog(file));
  return scans;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : (100 * part) / whole;
}
