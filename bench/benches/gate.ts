import { median, type Bench, type Result } from '../bench.ts';
import { httpLoad, type LoadResult } from '../http-load.ts';
import { withScratch } from '../scratch.ts';
import { benchedPackage, startGate } from '../start-gate.ts';
import { startVerdaccio } from '../start-verdaccio.ts';

/** Approved versions that the gate knows beside those of the package that is asked for. */
const approvedCount = 100_000;
const bars = { known: 8_000, document: 4_000, archive: 1_500, refusal: 5_000 };
type Kind = keyof typeof bars;
const inWords: Record<Kind, string> = {
  known: 'packument that the client has, 304',
  document: 'packument of 40 versions, gzip',
  archive: 'archive of 300 kB',
  refusal: 'refusal of a held archive',
};
const p99MaxMs = 25;

interface Measured {
  loads: Partial<Record<Kind, LoadResult>>;
  memoryBytes?: number;
  readyMs?: number;
}

/** Requests a second of the gate, beside a registry that serves everything it has. */
export const gate: Bench = {
  name: 'gate',
  what: `requests a second over 20 connections from the same machine, with ${approvedCount} approved versions known, against verdaccio with the same package`,
  async run({ quick, turns, natsServer, say }) {
    const seconds = quick ? 2 : 8;
    const ours: Measured[] = [];
    const theirs: Measured[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      ours.push(await measureGate(natsServer, seconds));
      theirs.push(await measureVerdaccio(seconds));
      say(
        `  ${Object.entries(ours.at(-1)!.loads)
          .map(([kind, one]) => `${kind} ${Math.round(one.perSecond)}/s`)
          .join(', ')}`,
      );
    }
    return results(ours, theirs);
  },
};

function results(ours: Measured[], theirs: Measured[]): Result[] {
  const kinds = Object.keys(bars) as Kind[];
  const rates = kinds.map((kind): Result => {
    const peer = theirs.flatMap(({ loads }) => loads[kind]?.perSecond ?? []);
    const p99 = median(ours.map(({ loads }) => loads[kind]!.p99));
    return {
      what: inWords[kind],
      samples: ours.map(({ loads }) => loads[kind]!.perSecond),
      unit: '/s',
      ...(peer.length > 0 ? { peer: { name: 'verdaccio', samples: peer } } : {}),
      budget: { min: bars[kind], what: `at least ${bars[kind]}/s` },
      note: `p99 ${p99.toFixed(1)} ms, at most ${p99MaxMs}`,
    };
  });
  return [
    ...rates,
    {
      what: 'resident memory after that',
      samples: ours.map(({ memoryBytes }) => memoryBytes! / 1024 ** 2),
      unit: ' MB',
      budget: { max: 150, what: 'at most 150 MB' },
    },
    {
      what: 'cold start to the first answer',
      samples: ours.map(({ readyMs }) => readyMs! / 1_000),
      unit: ' s',
      budget: { max: 3, what: 'at most 3 s' },
    },
  ];
}

function measureGate(natsServer: string | undefined, seconds: number): Promise<Measured> {
  return withScratch(async (scratch) => {
    const benched = benchedPackage();
    const { url, headers, readyMs, memoryBytes } = await startGate(
      scratch,
      natsServer,
      benched,
      approvedCount,
    );
    const document = `${url}/${benched.name}`;
    const archive = `${document}/-/${benched.name}-${benched.versions.at(-1)!.version}.tgz`;
    const etag = (await fetch(document, { headers })).headers.get('etag')!;
    const gzip = { ...headers, 'accept-encoding': 'gzip' };
    await httpLoad(document, gzip, { seconds: 1, wanted: 200 });
    return {
      readyMs,
      loads: {
        known: await httpLoad(document, { ...gzip, 'if-none-match': etag }, { seconds, wanted: 304 }),
        document: await httpLoad(document, gzip, { seconds, wanted: 200 }),
        archive: await httpLoad(archive, headers, { seconds, wanted: 200 }),
        // A viewer's key could not ask; the local one has asked once, and the answer is known.
        refusal: await httpLoad(`${document}/99.0.0`, headers, { seconds, wanted: 403 }),
      },
      memoryBytes: await memoryBytes(),
    };
  });
}

function measureVerdaccio(seconds: number): Promise<Measured> {
  return withScratch(async (scratch) => {
    const benched = benchedPackage();
    const url = `${await startVerdaccio(scratch, benched)}/${benched.name}`;
    const archive = `${url}/-/${benched.name}-${benched.versions.at(-1)!.version}.tgz`;
    const etag = (await fetch(url)).headers.get('etag');
    const gzip = { 'accept-encoding': 'gzip' };
    await httpLoad(url, gzip, { seconds: 1, wanted: 200 });
    return {
      loads: {
        ...(etag
          ? { known: await httpLoad(url, { ...gzip, 'if-none-match': etag }, { seconds, wanted: 304 }) }
          : {}),
        document: await httpLoad(url, gzip, { seconds, wanted: 200 }),
        archive: await httpLoad(archive, {}, { seconds, wanted: 200 }),
      },
    };
  });
}
