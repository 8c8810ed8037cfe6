import { licenseIdsOf, parseExpressionOrNull, type SpdxExpression } from './spdx-expression.ts';

/** Licenses that ask for more than a notice. One of them beside the declared one is news; another permissive one is not. */
const demanding =
  /^(?:A|L)?GPL|^GFDL|^[MCE]PL|^EUPL|^CDDL|^N?P?OSL|^SSPL|^RPL|^CECILL|^BUSL|^Elastic|^CC-BY-(?:SA|NC|ND)|^Polyform|^Parity|^Hippocratic|^FSL|^SUL|^LicenseRef-/i;

/**
 * Whether the license texts in an archive bear out the declared license.
 *
 * `agrees`: the texts that the expression needs are there (one side of an OR, both sides of an AND); notices of bundled code
 * under other permissive licenses do not matter. `differs`: a demanding license was found that was not declared, or
 * declared and found have nothing in common. `unknown`: nothing was declared, no text was found, only a part of an
 * AND was found, or the declared license has no known text (LicenseRef).
 * @param declared normalised SPDX expression, or null.
 * @param texts result of detectLicenseTexts for the package's own license files.
 */
export function compareLicense(
  declared: string | null,
  texts: readonly { expression: string }[],
): 'agrees' | 'differs' | 'unknown' {
  const parsed = declared === null ? null : parseExpressionOrNull(declared);
  if (!parsed || texts.length === 0) return 'unknown';
  const declaredFamilies = new Set(licenseIdsOf(parsed).map(family));
  const found = new Set(texts.flatMap(({ expression }) => familiesOf(expression)));
  if ([...found].some((id) => demanding.test(id) && !isExpected(id, declaredFamilies))) return 'differs';
  if (isSatisfied(parsed, found)) return 'agrees';
  if ([...declaredFamilies].some((id) => found.has(id) || id.includes('LicenseRef-'))) return 'unknown';
  return 'differs';
}

/** A text is whole from this score on; below it only names a license. */
const wholeScoreMin = 0.8;

/**
 * The license texts that the declaration does not account for: neither one of the declared licenses, nor the GPL that
 * the text of a declared Lesser GPL refers to, nor one of several that a short text names beside the declared one.
 * @returns nothing when nothing readable is declared.
 */
export function undeclaredTexts<Text extends { expression: string; score: number }>(
  declared: string,
  texts: readonly Text[],
): Text[] {
  const parsed = parseExpressionOrNull(declared);
  if (!parsed) return [];
  const declaredFamilies = new Set(licenseIdsOf(parsed).map(family));
  const found = new Set(texts.flatMap(({ expression }) => familiesOf(expression)));
  const hasLesser = [...declaredFamilies].some((id) => id.startsWith('LGPL-') && found.has(id));
  const isSupported = isSatisfied(parsed, found);
  return texts.filter(({ expression, score }) => {
    // A README often names licenses of dependencies as well.
    if (isSupported && score < wholeScoreMin && !expression.startsWith('LicenseRef-')) return false;
    return familiesOf(expression).some(
      (id) => !declaredFamilies.has(id) && !(hasLesser && id.startsWith('GPL-')),
    );
  });
}

/** The Lesser GPL builds upon the GPL, and packages under it carry both texts. */
function isExpected(id: string, declaredFamilies: ReadonlySet<string>): boolean {
  return (
    declaredFamilies.has(id) ||
    (id.startsWith('GPL-') && [...declaredFamilies].some((declared) => declared.startsWith('LGPL-')))
  );
}

function familiesOf(expression: string): string[] {
  const parsed = parseExpressionOrNull(expression);
  return parsed ? licenseIdsOf(parsed).map(family) : [expression];
}

/** The text of a GNU license does not say whether later versions may be used. */
function family(id: string): string {
  return id.replace(/-(?:only|or-later)$/, '');
}

function isSatisfied(expression: SpdxExpression, found: ReadonlySet<string>): boolean {
  if (!('conjunction' in expression)) return found.has(family(expression.license));
  const left = isSatisfied(expression.left, found);
  const right = isSatisfied(expression.right, found);
  return expression.conjunction === 'and' ? left && right : left || right;
}
