import type { ArtifactStore } from '@sluice/artifacts';
import { inspections } from '@sluice/ecosystems/inspection';
import { packageRules as npmRules } from '@sluice/ecosystems/npm/rules';
import { inspectArchive } from '@sluice/inspection/inspect';
import { fileRules, packageRules } from '@sluice/inspection/rules';
import type { Result } from './bench.ts';

/** Rules that take less than all these together are not worth a line. */
const rulesShown = 5;

/** Which rules take the time, in milliseconds per archive. Read in this process: a sandbox does not report it. */
export async function ruleTimes(artifacts: ArtifactStore, digests: string[]): Promise<Result[]> {
  const spent = new Map<string, number>();
  const restore = [...fileRules, ...packageRules, ...npmRules].map((rule) => timed(rule, spent));
  let totalMs = 0;
  try {
    for (const digest of digests) {
      const archive = await artifacts.open(digest);
      const started = performance.now();
      await inspectArchive(archive, inspections[0]!);
      totalMs += performance.now() - started;
    }
  } finally {
    for (const undo of restore) undo();
  }
  const slowest = [...spent].toSorted(([, a], [, b]) => b - a).slice(0, rulesShown);
  const inRules = [...spent.values()].reduce((sum, ms) => sum + ms, 0);
  const row = (what: string, ms: number): Result => ({
    what,
    samples: [ms / digests.length],
    unit: ' ms a package',
    note: `${((100 * ms) / totalMs).toFixed(1)} % of the time`,
  });
  return [
    row('reading, parsing and finding signals', totalMs - inRules),
    row(`all ${spent.size} rules`, inRules),
    ...slowest.map(([id, ms]) => row(`rule ${id}`, ms)),
  ];
}

interface Checking<Subject> {
  id: string;
  check: (subject: Subject) => Iterable<unknown>;
}

/** Has a rule say how long it takes. Rules find one thing after the other, and their time is spent in between. */
function timed(rule: Checking<never>, spent: Map<string, number>): () => void {
  const { id, check } = rule;
  const during = <T>(work: () => T): T => {
    const started = performance.now();
    try {
      return work();
    } finally {
      spent.set(id, (spent.get(id) ?? 0) + performance.now() - started);
    }
  };
  rule.check = function* checkTimed(subject: never) {
    const hits = during(() => check.call(rule, subject)[Symbol.iterator]());
    for (let hit = during(() => hits.next()); !hit.done; hit = during(() => hits.next())) yield hit.value;
  };
  return () => {
    rule.check = check;
  };
}
