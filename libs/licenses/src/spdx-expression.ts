import parse from 'spdx-expression-parse';
// Not the whole of the contracts: the sandbox loads this file each time a child starts.
import { PermanentError } from '@sluice/contracts/errors';

/** Parsed SPDX expression: a license with its exception, or two expressions joined. */
export type SpdxExpression =
  | { license: string; plus?: boolean; exception?: string }
  | { left: SpdxExpression; conjunction: 'and' | 'or'; right: SpdxExpression };

/** Real expressions are under 200 characters; a thousand leaves room for long lists of LicenseRefs. */
export const expressionLengthMax = 1_000;
/** The parser recurses once per operator and parenthesis; no real expression comes near. */
const expressionDepthMax = 64;

/** Identifiers that the SPDX list replaced by ones which say the same more clearly (SPDX license list, "deprecated"). */
const currentIds: Record<string, string> = {
  'BSD-2-Clause-FreeBSD': 'BSD-2-Clause-Views',
  'BSD-2-Clause-NetBSD': 'BSD-2-Clause',
  'bzip2-1.0.5': 'bzip2-1.0.6',
  'eCos-2.0': 'GPL-2.0-or-later WITH eCos-exception-2.0',
  'GPL-2.0-with-autoconf-exception': 'GPL-2.0-only WITH Autoconf-exception-2.0',
  'GPL-2.0-with-bison-exception': 'GPL-2.0-or-later WITH Bison-exception-2.2',
  'GPL-2.0-with-classpath-exception': 'GPL-2.0-only WITH Classpath-exception-2.0',
  'GPL-2.0-with-font-exception': 'GPL-2.0-only WITH Font-exception-2.0',
  'GPL-2.0-with-GCC-exception': 'GPL-2.0-or-later WITH GCC-exception-2.0',
  'GPL-3.0-with-autoconf-exception': 'GPL-3.0-only WITH Autoconf-exception-3.0',
  'GPL-3.0-with-GCC-exception': 'GPL-3.0-only WITH GCC-exception-3.1',
  'StandardML-NJ': 'SMLNJ',
  wxWindows: 'LGPL-2.0-or-later WITH WxWindows-exception-3.1',
};

/** GNU identifiers without a suffix meant exactly that version, and with `+` that version or later. */
const bareGnuId = /^(?:A|L)?GPL-\d\.\d$|^GFDL-\d\.\d$/;

/**
 * Parses an SPDX license expression in time linear to its length.
 * Source: SPDX specification 2.3, annex D.
 * @returns null when the text is no valid expression.
 * @throws PermanentError `license.expression-too-complex` above the limits of length and nesting.
 */
export function parseExpression(text: string): SpdxExpression | null {
  if (text.length > expressionLengthMax || isTooDeep(text)) {
    throw new PermanentError(
      'license.expression-too-complex',
      `The expression has more than ${expressionLengthMax} characters or ${expressionDepthMax} levels.`,
    );
  }
  try {
    return parse(text) as SpdxExpression;
  } catch {
    return null;
  }
}

/** Like parseExpression, with null for an expression that is too complex as well. */
export function parseExpressionOrNull(text: string): SpdxExpression | null {
  try {
    return parseExpression(text);
  } catch {
    return null;
  }
}

/**
 * The expression with current identifiers and only the parentheses that it needs.
 * @returns null for text that is no valid expression, is too complex, or contradicts itself (`GPL-2.0-only+`).
 */
export function canonicalExpression(text: string): string | null {
  const parsed = parseExpressionOrNull(text);
  if (!parsed) return null;
  const formatted = formatExpression(parsed);
  const isContradiction = /-(?:only|or-later)\+/.test(formatted);
  return isContradiction || !parseExpressionOrNull(formatted) ? null : formatted;
}

/** Writes an expression with current identifiers and only the parentheses that it needs. */
export function formatExpression(expression: SpdxExpression): string {
  if (!('conjunction' in expression)) return formatLicense(expression);
  const side = (part: SpdxExpression) => {
    const needsParentheses =
      'conjunction' in part && part.conjunction === 'or' && expression.conjunction === 'and';
    return needsParentheses ? `(${formatExpression(part)})` : formatExpression(part);
  };
  return `${side(expression.left)} ${expression.conjunction.toUpperCase()} ${side(expression.right)}`;
}

/** All license identifiers of an expression, without exceptions and `+`, each once. */
export function licenseIdsOf(expression: SpdxExpression): string[] {
  if (!('conjunction' in expression)) return [expression.license];
  return [...new Set([...licenseIdsOf(expression.left), ...licenseIdsOf(expression.right)])];
}

function formatLicense({
  license,
  plus,
  exception,
}: {
  license: string;
  plus?: boolean;
  exception?: string;
}): string {
  let id = currentIds[license] ?? license;
  if (bareGnuId.test(id)) id += plus ? '-or-later' : '-only';
  else if (plus) id += '+';
  return exception ? `${id} WITH ${exception}` : id;
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let operators = 0;
  for (const [token] of text.matchAll(/[()]|\b(?:AND|OR)\b/gi)) {
    if (token === '(') depth += 1;
    else if (token === ')') depth -= 1;
    else operators += 1;
    if (depth > expressionDepthMax || operators > expressionDepthMax) return true;
  }
  return false;
}
