import type { Severity } from '@sluice/contracts';
import calculators from 'ae-cvss-calculator';

const weights: Record<string, Record<string, number>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
};
/** Privileges weigh less when the scope changes. */
const privileges = { U: { N: 0.85, L: 0.62, H: 0.27 }, C: { N: 0.85, L: 0.68, H: 0.5 } };

/**
 * Base score of a CVSS vector, version 3.0, 3.1 or 4.0.
 * Source: CVSS 3.1 specification, section 7.1 and appendix A.
 * @returns 0 to 10 with one decimal, or null when the text is no such vector.
 */
export function cvssBaseScore(vector: string): number | null {
  if (vector.startsWith('CVSS:4.0/')) return cvss4BaseScore(vector);
  if (!/^CVSS:3\.[01]\//.test(vector)) return null;
  const metrics = new Map(vector.split('/').map((part) => part.split(':', 2) as [string, string]));
  const scope = metrics.get('S');
  if (scope !== 'U' && scope !== 'C') return null;
  const weightOf = (metric: string) => weights[metric]?.[metrics.get(metric) ?? ''];
  const [av, ac, ui, c, i, a] = ['AV', 'AC', 'UI', 'C', 'I', 'A'].map(weightOf);
  const pr = (privileges[scope] as Record<string, number>)[metrics.get('PR') ?? ''];
  if ([av, ac, ui, c, i, a, pr].some((weight) => typeof weight !== 'number')) return null;

  const subScore = 1 - (1 - c!) * (1 - i!) * (1 - a!);
  const impact = scope === 'U' ? 6.42 * subScore : 7.52 * (subScore - 0.029) - 3.25 * (subScore - 0.02) ** 15;
  if (impact <= 0) return 0;
  const exploitability = 8.22 * av! * ac! * pr! * ui!;
  return roundUp(Math.min((scope === 'U' ? 1 : 1.08) * (impact + exploitability), 10));
}

/** The specification's own rounding, which does not suffer from binary fractions. */
function roundUp(score: number): number {
  const scaled = Math.round(score * 100_000);
  return scaled % 10_000 === 0 ? scaled / 100_000 : (Math.floor(scaled / 10_000) + 1) / 10;
}

/** Version 4 looks scores up in tables of 270 classes; a library has them. */
function cvss4BaseScore(vector: string): number | null {
  const required = ['AV', 'AC', 'AT', 'PR', 'UI', 'VC', 'VI', 'VA', 'SC', 'SI', 'SA'];
  if (!required.every((metric) => vector.includes(`/${metric}:`))) return null;
  try {
    const score = new calculators.Cvss4P0(vector).calculateScores().overall;
    return typeof score === 'number' && Number.isFinite(score) ? score : null;
  } catch {
    return null;
  }
}

/** Source: CVSS 3.1 specification, section 5, "Qualitative Severity Rating Scale". */
export function severityOfScore(score: number): Severity {
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  return score > 0 ? 'low' : 'info';
}
