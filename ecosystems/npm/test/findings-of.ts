import { inspectArchive } from '@sluice/inspection/inspect';
import { chunksOf, packageTarball } from '@sluice/testkit/fakes';
import { npmInspection } from '../inspection.ts';

/** The findings of a whole package, as `tier rule file`. For tests. */
export async function findingsOf(files: Record<string, string | Buffer>): Promise<string[]> {
  const withManifest = { 'package.json': '{"name":"a","version":"1.0.0"}', ...files };
  const report = await inspectArchive(chunksOf(packageTarball(withManifest)), npmInspection);
  return report.findings.map(({ tier, rule, file }) => `${tier} ${rule} ${file}`);
}

/** A package.json with these install scripts. */
export function manifestWith(scripts: Record<string, string>, more: object = {}): string {
  return JSON.stringify({ name: 'a', version: '1.0.0', scripts, ...more });
}
