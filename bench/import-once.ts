import { importAdvisoriesFrom } from '@sluice/scanner';

/** `import-once.js <database> <file>`: imports a set of advisories in a process of its own, and prints its cost. */
export interface ImportCost {
  recordCount: number;
  seconds: number;
  cpuSeconds: number;
  /** The most memory that the process ever had. */
  peakBytes: number;
}

const [, , databaseUrl = '', file = ''] = process.argv;
const started = performance.now();
const [set] = await importAdvisoriesFrom(databaseUrl, file);
const seconds = (performance.now() - started) / 1_000;
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const cost: ImportCost = {
  recordCount: set?.recordCount ?? 0,
  seconds,
  cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
  peakBytes: maxRSS * 1_024,
};
process.stdout.write(JSON.stringify(cost));
