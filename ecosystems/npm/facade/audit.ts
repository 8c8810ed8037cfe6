import type { AffectedVersion, Audit, PackageVersions } from '@sluice/facades';
import type { AdvisoryMatch } from '@sluice/contracts';
import { z } from 'zod';

/** npm 7 and newer, and Yarn 2 and newer: versions by name. */
const bulkSchema = z.record(z.string(), z.array(z.string()));

interface Node {
  version?: string | undefined;
  dependencies?: Record<string, Node> | undefined;
}
/** npm 6, pnpm and Yarn 1: the tree of the lockfile. */
const treeSchema: z.ZodType<Node> = z.object({
  version: z.string().optional(),
  dependencies: z
    .record(
      z.string(),
      z.lazy(() => treeSchema),
    )
    .optional(),
});

/** npm's words for severities. Where none is stated, it is not to be the lowest. */
type NpmSeverity = (typeof severities)[keyof typeof severities];
const severities = {
  info: 'info',
  low: 'low',
  medium: 'moderate',
  high: 'high',
  critical: 'critical',
} as const;

/**
 * Answers to `npm audit` and the like. Source: what npm, pnpm and yarn send and read; the forms are documented nowhere else.
 */
export const npmAudit: Audit = {
  read(form, body) {
    if (form === 'bulk') {
      const parsed = bulkSchema.safeParse(body);
      return parsed.success
        ? Object.entries(parsed.data).map(([name, versions]) => ({ name, versions }))
        : null;
    }
    const parsed = treeSchema.safeParse(body);
    return parsed.success ? versionsOf(parsed.data) : null;
  },
  render: (form, asked, affected) => (form === 'bulk' ? renderBulk(affected) : renderTree(asked, affected)),
};

function versionsOf(tree: Node): PackageVersions[] {
  const found = new Map<string, Set<string>>();
  const left: Node[] = [tree];
  for (let node = left.pop(); node; node = left.pop()) {
    for (const [name, child] of Object.entries(node.dependencies ?? {})) {
      if (child.version !== undefined) found.set(name, (found.get(name) ?? new Set()).add(child.version));
      left.push(child);
    }
  }
  return [...found].map(([name, versions]) => ({ name, versions: [...versions] }));
}

function renderBulk(affected: readonly AffectedVersion[]): object {
  const byName: Record<string, object[]> = {};
  for (const { name, id, match, versions } of advisoriesOf(affected)) {
    (byName[name] ??= []).push({
      ...commonFields(id, match, versions),
      cwe: [],
      cvss: { score: match.score ?? 0, vectorString: null },
    });
  }
  return byName;
}

function renderTree(asked: readonly PackageVersions[], affected: readonly AffectedVersion[]): object {
  const vulnerabilities = { info: 0, low: 0, moderate: 0, high: 0, critical: 0 };
  const advisories: Record<string, object> = {};
  for (const { name, id, match, versions } of advisoriesOf(affected)) {
    vulnerabilities[severityOf(match)] += 1;
    advisories[`${id} ${name}`] = {
      ...commonFields(id, match, versions),
      module_name: name,
      findings: versions.map((version) => ({ version, paths: [name] })),
      patched_versions: match.fixedIn === null ? '<0.0.0' : `>=${match.fixedIn}`,
      cves: match.aliases.filter((alias) => alias.startsWith('CVE-')),
      cwe: [],
      overview: match.summary,
      recommendation: match.fixedIn === null ? 'No fixed version is known.' : `Upgrade to ${match.fixedIn}.`,
    };
  }
  const total = asked.reduce((sum, { versions }) => sum + versions.length, 0);
  const counts = {
    dependencies: total,
    devDependencies: 0,
    optionalDependencies: 0,
    totalDependencies: total,
  };
  return { actions: [], advisories, muted: [], metadata: { vulnerabilities, ...counts } };
}

interface FoundAdvisory {
  name: string;
  id: string;
  match: AdvisoryMatch;
  versions: string[];
}

/** Each advisory of a package once, with the versions that it affects. */
function advisoriesOf(affected: readonly AffectedVersion[]): FoundAdvisory[] {
  const found = new Map<string, FoundAdvisory>();
  for (const { name, version, matches } of affected) {
    for (const match of matches) {
      const key = `${name} ${match.id}`;
      const known = found.get(key) ?? { name, id: match.id, match, versions: [] };
      found.set(key, { ...known, versions: [...known.versions, version] });
    }
  }
  return [...found.values()];
}

function commonFields(id: string, match: AdvisoryMatch, versions: string[]): object {
  return {
    id,
    url: `https://osv.dev/vulnerability/${encodeURIComponent(id)}`,
    title: match.summary || id,
    severity: severityOf(match),
    // Versions that were not asked for may be affected too: those below the fix are taken to be.
    vulnerable_versions: match.fixedIn === null ? versions.join(' || ') : `<${match.fixedIn}`,
  };
}

function severityOf({ malicious, severity }: AdvisoryMatch): NpmSeverity {
  if (malicious) return 'critical';
  return severity === null ? 'moderate' : severities[severity];
}
