import { licenseIdsOf, parseExpression, type SpdxExpression } from './spdx-expression.ts';

/**
 * Whether the license texts in an archive bear out the declared license.
 *
 * `agrees`: each text is one of the declared licenses, and what the expression needs is there (one side of an OR,
 * both sides of an AND). `differs`: a text is of a license that was not declared, or declared and found have nothing
 * in common. `unknown`: nothing was declared, or no text was recognised, or some of the texts of an AND are absent.
 * @param declared normalised SPDX expression, or null.
 * @param texts what detectLicenseTexts found in the package's own license files.
 */
export function compareLicense(
  declared: string | null,
  texts: readonly { expression: string }[],
): 'agrees' | 'differs' | 'unknown' {
  if (declared === null || texts.length === 0) return 'unknown';
  const parsed = parseOrNull(declared);
  if (!parsed) return 'unknown';
  const declaredFamilies = new Set(licenseIdsOf(parsed).map(family));
  const foundFamilies = new Set(texts.flatMap(({ expression }) => familiesOf(expression)));
  for (const found of foundFamilies) if (!declaredFamilies.has(found)) return 'differs';
  return isSatisfied(parsed, foundFamilies) ? 'agrees' : 'unknown';
}

function familiesOf(expression: string): string[] {
  const parsed = parseOrNull(expression);
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

function parseOrNull(expression: string): SpdxExpression | null {
  try {
    return parseExpression(expression);
  } catch {
    return null;
  }
}
