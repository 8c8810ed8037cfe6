import {
  licenseTextsOf,
  type Evidence,
  type LicenseEvidence,
  type Reason,
  type ScannedFile,
} from '@sluice/contracts';
import { undeclaredTexts } from '@sluice/licenses';
import { judgeExpression } from './license-outcome.ts';
import { reason } from './reasons.ts';
import { rank, type Policy, type PolicyOutcome } from './schema.ts';

type LicenseText = ScannedFile['licenseTexts'][number];

/** A text counts as the whole license from here on: two or three words may differ, as a holder's name does. */
const wholeScoreMin = 0.98;

/** The reasons that the license gives: the declared one, or the one whole text where none is declared. */
export function judgeLicense({ license, scan }: Evidence, { license: policy }: Policy): Reason[] {
  if (!license)
    return [
      reason('evidence.missing', 'medium', 'review', 'There is no license evidence.', {
        evidence: 'license',
      }),
    ];
  if (license.declaredForm === 'unlicensed') {
    const message = 'Declared UNLICENSED: all rights reserved.';
    return [reason('license.proprietary', 'medium', policy.proprietary, message)];
  }
  if (license.expression) {
    return [...judgeKnown(license.expression, policy), ...judgeConfidence(license, policy)];
  }
  const texts = licenseTextsOf(scan);
  const only = onlyWholeText(license, texts);
  if (only) return [...judgeKnown(only.expression, policy), fromText(only, license, policy)];
  const message = license.declared
    ? `The declared license "${license.declared}" is not a known one.`
    : 'No license is declared.';
  const data = { declared: license.declared, found: texts.map(describe) };
  return [reason('license.unknown', 'medium', policy.unknown, message + foundIn(texts), data)];
}

/**
 * The reason that license texts give which the declaration does not account for. One that is stricter than the
 * declared license counts by its own outcome, since the text is the grant.
 */
export function judgeLicenseTexts({ license, scan }: Evidence, { license: policy }: Policy): Reason[] {
  if (!license?.expression || !scan) return [];
  const found = licenseTextsOf(scan);
  const declared = judgeExpression(license.expression, policy).outcome;
  const stricter = undeclaredTexts(license.expression, found)
    .map((text) => ({ ...text, outcome: judgeExpression(text.expression, policy).outcome }))
    .filter(({ outcome }) => rank[outcome] > rank[declared]);
  if (stricter.length === 0 && scan.licenseAgreement !== 'differs') return [];
  const outcome = strictest([policy.textDiffers, ...stricter.map((text) => text.outcome)]);
  const texts = [...new Set(found.map(({ expression }) => expression))].join(', ');
  const files = [...new Set(stricter.map(({ file }) => file))].join(', ');
  const message =
    `Declared ${license.expression}, but the license texts are ${texts}.` +
    (stricter.length > 0 ? ` Stricter than declared: ${files}.` : '');
  const data = { declared: license.expression, stricter: stricter.map(describe) };
  return [reason('license.text-differs', stricter.length > 0 ? 'medium' : 'low', outcome, message, data)];
}

function judgeKnown(expression: string, policy: Policy['license']): Reason[] {
  const { outcome, licenses, unknown } = judgeExpression(expression, policy);
  const reasons: Reason[] = [];
  if (unknown.length > 0) {
    const message = `${unknown.join(', ')} is not a known license.`;
    reasons.push(
      reason('license.unknown', 'medium', policy.unknown, message, { expression, licenses: unknown }),
    );
  }
  const data = { expression, licenses };
  if (outcome === 'approve' || licenses.length === unknown.length) return reasons;
  return outcome === 'reject'
    ? [...reasons, reason('license.denied', 'high', 'reject', `${expression} is denied.`, data)]
    : [...reasons, reason('license.review', 'medium', 'review', `${expression} needs a review.`, data)];
}

function judgeConfidence(
  { declared, expression, confidence }: LicenseEvidence,
  policy: Policy['license'],
): Reason[] {
  if (confidence !== 'low') return [];
  const message = `"${declared}" was read as ${expression}.`;
  return [reason('license.low-confidence', 'low', policy.lowConfidence, message, { expression })];
}

/**
 * The text that stands for a license where none is declared: whole, of the SPDX list, and of the only license that
 * the archive has. A declaration that points to a file counts for that file alone.
 */
function onlyWholeText(
  { declaredForm, declared }: LicenseEvidence,
  texts: readonly LicenseText[],
): LicenseText | null {
  if (declaredForm !== 'none' && declaredForm !== 'see-license-in') return null;
  const [first] = texts;
  if (!first || texts.some(({ expression }) => expression !== first.expression)) return null;
  if (first.expression.includes('LicenseRef-')) return null;
  const isMeant = ({ file, score }: LicenseText) =>
    score >= wholeScoreMin && (declaredForm === 'none' || isPointedTo(file, declared ?? ''));
  return texts.find(isMeant) ?? null;
}

/** "SEE LICENSE IN ./LICENSE" means LICENSE, LICENSE.md and license.txt. */
function isPointedTo(file: string, declared: string): boolean {
  const pointed = /^SEE LICEN[SC]E (?:IN|AT|ON)\s+(?:THE\s+)?<?(?:\.\/)?([\w.-]+)>?(?:\s+FILE)?\.?$/i.exec(
    declared,
  )?.[1];
  const stem = (name: string) => name.toLowerCase().replace(/\.(?:md|markdown|txt|rst|html?)$/, '');
  return pointed !== undefined && stem(pointed) === stem(file);
}

function fromText(text: LicenseText, { declared }: LicenseEvidence, policy: Policy['license']): Reason {
  const message = `${declared ? `Declared is only "${declared}"` : 'No license is declared'}; ${text.file} is the text of ${text.expression}.`;
  const data = { ...describe(text), confidence: 'low' };
  // A text is one reading of the author's intent, and no surer than a declaration in free words.
  const outcome = strictest([policy.fromText, policy.lowConfidence]);
  return reason('license.from-text', 'low', outcome, message, data);
}

function foundIn(texts: readonly LicenseText[]): string {
  const found = texts.map(
    ({ file, expression, score }) => `${expression} in ${file} (${Math.round(score * 100)} %)`,
  );
  return found.length > 0 ? ` Found in the archive: ${found.join(', ')}.` : '';
}

function describe({ file, expression, score }: LicenseText): {
  file: string;
  expression: string;
  score: number;
} {
  return { file, expression, score };
}

function strictest(outcomes: readonly PolicyOutcome[]): PolicyOutcome {
  return outcomes.reduce((worst, outcome) => (rank[outcome] > rank[worst] ? outcome : worst));
}
