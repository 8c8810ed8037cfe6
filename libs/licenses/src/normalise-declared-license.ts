import correct from 'spdx-correct';
import { boundedText, type LicenseEvidence } from '@sluice/contracts';
import { formatExpression, parseExpressionOrNull } from './spdx-expression.ts';

export type DeclaredLicense = Pick<
  LicenseEvidence,
  'declared' | 'declaredForm' | 'expression' | 'confidence'
>;

const declaredLengthMax = 500;
/** More licenses in one array than this are junk, and joining them would only make an expression nobody can judge. */
const arrayLengthMax = 20;

/** Spellings that npm has seen for decades, for which the general corrector has no answer or one that says too much. */
const wellKnown: Record<string, string> = {
  'mit/x11': 'MIT',
  'x11/mit': 'MIT',
  'mit-style': 'MIT',
  'zlib/libpng': 'Zlib',
  'apache 2': 'Apache-2.0',
  bsd: 'BSD-2-Clause',
  'new bsd': 'BSD-3-Clause',
  'simplified bsd': 'BSD-2-Clause',
  // "If the Program does not specify a version number, you may choose any version ever published."
  gpl: 'GPL-1.0-or-later',
  lgpl: 'LGPL-2.0-or-later',
  agpl: 'AGPL-1.0-or-later',
  'public domain': 'LicenseRef-public-domain',
};

/** npm's word for "no license", and what people write for it. */
const unlicensed =
  /^(?:un-?licensed|proprietary|commercial|private|none|no licen[sc]e|all rights reserved)$/i;
/** Words that forbid rather than license: a corrector that looks for the nearest identifier must never see them. */
const forbidding =
  /\b(?:un-?licensed|proprietary|commercial|confidential|all rights reserved|no licen[sc]e|not)\b/i;

/**
 * Reads the license that a manifest declares, in any form that npm has known: an SPDX expression, free text,
 * `{type, url}`, an array of either, `SEE LICENSE IN file`, `UNLICENSED`, or nothing.
 * Never throws: what cannot be read has no expression and confidence `none`.
 * @param raw the manifest's `license`, or its `licenses`.
 * Source: npm's documentation of package.json, `license`.
 */
export function normaliseDeclaredLicense(raw: unknown): DeclaredLicense {
  if (Array.isArray(raw)) return fromArray(raw);
  if (typeof raw === 'object' && raw !== null) return fromObject(raw as Record<string, unknown>);
  if (typeof raw !== 'string' || raw.trim() === '') return nothing;
  return fromText(raw);
}

const nothing: DeclaredLicense = {
  declared: null,
  declaredForm: 'none',
  expression: null,
  confidence: 'none',
};

function fromText(raw: string): DeclaredLicense {
  const text = raw.trim();
  const declared = boundedText(text, declaredLengthMax);
  if (/^SEE LICEN[SC]E (?:IN|AT|ON)\b/i.test(text)) {
    return { declared, declaredForm: 'see-license-in', expression: null, confidence: 'none' };
  }
  if (unlicensed.test(text)) {
    return { declared, declaredForm: 'unlicensed', expression: null, confidence: 'none' };
  }
  const valid = validExpression(text);
  if (valid) return { declared, declaredForm: 'spdx', expression: valid, confidence: 'high' };
  const corrected = correctedExpression(text);
  return { declared, declaredForm: 'text', expression: corrected, confidence: corrected ? 'low' : 'none' };
}

function fromObject(raw: Record<string, unknown>): DeclaredLicense {
  const text = [raw.type, raw.name, raw.url].find(
    (field) => typeof field === 'string' && field.trim() !== '',
  );
  if (text === undefined) return nothing;
  const inner = fromText(text as string);
  return inner.declaredForm === 'unlicensed' ? inner : { ...inner, declaredForm: 'object' };
}

/** npm's documentation of the old `licenses` array says that the user may choose: the parts are joined by OR. */
function fromArray(raw: unknown[]): DeclaredLicense {
  const parts = raw
    .slice(0, arrayLengthMax)
    .map((part) => (Array.isArray(part) ? nothing : normaliseDeclaredLicense(part)));
  const stated = parts.filter((part) => part.declared !== null);
  if (stated.length === 0) return nothing;
  const declared = boundedText(stated.map((part) => part.declared).join(', '), declaredLengthMax);
  const complete = raw.length <= arrayLengthMax && stated.every((part) => part.expression !== null);
  if (!complete) return { declared, declaredForm: 'array', expression: null, confidence: 'none' };
  const expressions = [...new Set(stated.map((part) => part.expression!))];
  const [first] = expressions;
  if (expressions.length === 1) {
    const confidence = stated.every((part) => part.confidence === 'high') ? 'high' : 'low';
    return { declared, declaredForm: 'array', expression: first!, confidence };
  }
  // Authors have also meant "and" by it, hence low.
  return { declared, declaredForm: 'array', expression: expressions.join(' OR '), confidence: 'low' };
}

function validExpression(text: string): string | null {
  const parsed = parseExpressionOrNull(text);
  return parsed && formatExpression(parsed);
}

/** A sentence holds words that look like identifiers by chance; only short texts are corrected. */
const correctedLengthMax = 100;

/**
 * What stands between two licenses: authors who write "MIT or Apache" or "MIT/Apache-2.0" mean both names, and the
 * corrector would pick one. The comma of "Apache License, Version 2.0" and the slashes of a URL are none.
 */
const separator = /\s+(?:or|and|&|\|\|)\s+|\s*[,|](?!\s*(?:version\b|v?\d))\s*|(?<![:/].*)\s*\/(?!\/)\s*/i;

function correctedExpression(text: string): string | null {
  if (text.length > correctedLengthMax || forbidding.test(text)) return null;
  const parts = wellKnown[text.toLowerCase()] ? [text] : text.split(separator);
  const expressions = parts.map((part) => validExpression(part.trim()) ?? correctedName(part.trim()));
  if (expressions.some((expression) => expression === null)) return null;
  const [first] = expressions;
  if (expressions.length === 1) return first!;
  // Commas and the like leave open which is meant: both have to be looked at.
  const conjunction = /\bor\b|[|/]/i.test(text) && !/\band\b|[&,]/i.test(text) ? 'OR' : 'AND';
  return [...new Set(expressions)]
    .map((part) => (/ (?:OR|AND) /.test(part!) ? `(${part})` : part))
    .join(` ${conjunction} `);
}

function correctedName(text: string): string | null {
  const name = text
    .toLowerCase()
    .replace(/[\s_]+/g, ' ')
    .replace(/^the /, '')
    .replace(/ licen[sc]ed?$/, '');
  const known = wellKnown[name];
  if (known) return known;
  if (name === '') return null;
  const guess = guessExpression(text);
  return guess && validExpression(guess);
}

function guessExpression(text: string): string | null {
  try {
    return correct(text, { upgrade: false });
  } catch {
    // The corrector fails on some texts without letters.
    return null;
  }
}
