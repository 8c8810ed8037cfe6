import {
  parsePurl,
  type Evidence,
  type Reason,
  type RegistryEvidence,
  type Severity,
} from '@sluice/contracts';
import type { Circumstances, Fix } from './circumstances.ts';
import { matchesAny } from './patterns.ts';
import { reason } from './reasons.ts';
import type { Policy } from './schema.ts';

type AgePolicy = Policy['age'];
type About = Pick<Circumstances, 'purl' | 'seenAt' | 'fixes'>;

/**
 * Judges how long a version is out. A version that is young, or that came after the freeze, waits; one whose age is not known
 * counts as young. Packages that the policy exempts do not wait, and neither does the fix of an advisory that is in use here, as
 * long as it brings nothing else to look at.
 */
export function judgeAge(evidence: Evidence, { age }: Policy, now: Date, about: About): Reason[] {
  const { registry } = evidence;
  if (!registry || isExempt(about.purl, age.exempt)) return [];
  const reasons = [...judgeFreeze(registry, age), ...judgeCooldown(registry, age, now, about)];
  const fix = reasons.length > 0 ? findFix(about.fixes, age) : null;
  if (!fix || bringsMore(evidence)) return reasons;
  const message = `It fixes ${fix.advisory}, which ${fix.version} in use here has; it need not wait for its age.`;
  return [
    reason('age.fix-exempt', 'info', 'approve', message, { advisory: fix.advisory, version: fix.version }),
  ];
}

function judgeFreeze({ publishedAt }: RegistryEvidence, age: AgePolicy): Reason[] {
  if (age.freezeAt === null) return [];
  if (publishedAt === null) return [unknownAge(age, `after the freeze of ${age.freezeAt}`)];
  if (new Date(publishedAt) <= new Date(age.freezeAt)) return [];
  const message = `Published ${publishedAt}, after the freeze of ${age.freezeAt}.`;
  return [reason('age.frozen', 'low', age.outcome, message, { freezeAt: age.freezeAt })];
}

function judgeCooldown(
  { publishedAt }: RegistryEvidence,
  age: AgePolicy,
  now: Date,
  { purl, seenAt }: About,
): Reason[] {
  const step = stepOf(purl);
  const hours = age[`${step}Hours`] ?? age.cooldownHours;
  if (hours === 0) return [];
  const needsPublished = age.clock !== 'first-seen';
  // One that the freeze judged as unknown has that reason already.
  if (needsPublished && publishedAt === null)
    return age.freezeAt === null ? [unknownAge(age, `younger than ${hours} hours`)] : [];
  const starts = [
    ...(needsPublished ? [Date.parse(publishedAt!)] : []),
    ...(age.clock === 'published' ? [] : [(seenAt ?? now).getTime()]),
  ];
  const since = new Date(Math.max(...starts));
  const until = new Date(since.getTime() + hours * 3_600_000);
  if (until <= now) return [];
  const began = since.getTime() === Date.parse(publishedAt ?? '') ? 'Published' : 'First seen here';
  const message = `${began} ${since.toISOString()}; as a ${step} release it may be used from ${until.toISOString()} on.`;
  return [reason('age.cooldown', 'low', age.outcome, message, { until: until.toISOString() })];
}

function unknownAge({ outcome }: AgePolicy, doubt: string): Reason {
  return reason(
    'age.unknown',
    'low',
    outcome,
    `Nothing states when it was published, so it may be ${doubt}.`,
  );
}

/**
 * How large a step a version is by its numbers: `2.0.0` a major one, `2.1.0` a minor one, `2.1.1` a patch. One without numbers to tell
 * by counts as major.
 */
export function stepOf(purl: string | null): 'patch' | 'minor' | 'major' {
  const numbers = /^[v=]?(?:\d+!)?(\d+)(?:\.(\d+))?(?:\.(\d+))?/i.exec(
    purl === null ? '' : parsePurl(purl).version,
  );
  if (!numbers) return 'major';
  const [, , minor = '0', patch = '0'] = numbers;
  if (Number(patch) > 0) return 'patch';
  return Number(minor) > 0 ? 'minor' : 'major';
}

/** Whether the name, or the purl without its version, is one of the patterns. */
function isExempt(purl: string | null, patterns: readonly string[]): boolean {
  if (purl === null || patterns.length === 0) return false;
  const { type, name } = parsePurl(purl);
  return [name, `pkg:${type}/${name}`].some((text) => matchesAny(text, patterns, 'exact'));
}

const severities: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical'];

function findFix(fixes: readonly Fix[], { fixSeverity }: AgePolicy): Fix | null {
  if (fixSeverity === 'off') return null;
  const least = severities.indexOf(fixSeverity);
  return fixes.find(({ severity }) => severity !== null && severities.indexOf(severity) >= least) ?? null;
}

/**
 * Whether a version brings more than a fix: a hook at install, another publisher, a finding. An unknown version before
 * counts as one without hooks.
 */
function bringsMore({ registry, scan }: Evidence): boolean {
  if (!registry?.gained || !scan) return true;
  const { runsAtInstall, previousRanAtInstall, gained } = registry;
  const hasNewHook = runsAtInstall.length > 0 && previousRanAtInstall !== true;
  const hasFinding = scan.files.some(
    ({ status, findings }) => status !== 'scanned' || findings.some(({ tier }) => tier !== 'note'),
  );
  return hasNewHook || hasFinding || gained.publisherBefore !== null;
}
