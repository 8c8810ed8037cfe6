import { boundedText, type LicenseEvidence } from '@sluice/contracts';
import { pageLicense } from './license-pages.ts';
import { readLicenseText } from './read-license-text.ts';
import { canonicalExpression } from './spdx-expression.ts';

export type DeclaredLicense = Pick<
  LicenseEvidence,
  'declared' | 'declaredForm' | 'expression' | 'confidence'
>;

const declaredLengthMax = 500;
/** More licenses in one array than this are junk, and joining them would make an expression that cannot be judged. */
const arrayLengthMax = 20;

/** npm's word for "no license", and usual variants of it. */
const unlicensed =
  /^(?:un-?licensed|(?:proprietary|commercial|private)(?: licen[sc]e)?|closed[ -]source|none|no licen[sc]e|all rights reserved\.?)$/i;

/**
 * Reads the license that a manifest declares, in any form that npm has known: an SPDX expression, free text,
 * `{type, url}`, an array of either, `SEE LICENSE IN file`, `UNLICENSED`, or nothing.
 * Never throws: an unreadable declaration has no expression and confidence `none`.
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
  const valid = canonicalExpression(text);
  if (valid) return { declared, declaredForm: 'spdx', expression: valid, confidence: 'high' };
  const read = readLicenseText(text);
  return { declared, declaredForm: 'text', expression: read, confidence: read ? 'low' : 'none' };
}

/** The parts of an object all speak of one license: one that says something else makes it unreadable. */
function fromObject(raw: Record<string, unknown>): DeclaredLicense {
  const stated = (field: unknown): field is string => typeof field === 'string' && field.trim() !== '';
  const names = [raw.type, raw.name].filter(stated);
  const url = stated(raw.url) ? raw.url.trim() : null;
  const readings = (names.length > 0 ? names : url === null ? [] : [url]).map(fromText);
  const [first] = readings;
  if (!first) return nothing;
  if (first.declaredForm === 'unlicensed') return first;
  const page = url === null ? null : pageLicense(url);
  // An address that is no public page of a license says where the text is, not which license it is.
  const agrees =
    readings.every(({ expression }) => expression === first.expression) &&
    (page === null || isOfFamily(page.expression, first.expression));
  return agrees
    ? { ...first, declaredForm: 'object' }
    : { ...first, declaredForm: 'object', expression: null, confidence: 'none' };
}

/** Addresses of pages are rarely kept up to date with the version that the name states. */
function isOfFamily(page: string, declared: string | null): boolean {
  const family = (expression: string) => expression.replace(/-\d.*$/, '');
  return declared !== null && declared.split(/[ ()]+/).some((id) => family(id) === family(page));
}

/** npm's documentation of the old `licenses` array says that the user may choose: the parts are joined by OR. */
function fromArray(raw: unknown[]): DeclaredLicense {
  const parts = raw
    .slice(0, arrayLengthMax)
    .map((part) => (Array.isArray(part) ? nothing : normaliseDeclaredLicense(part)));
  const stated = parts.filter((part) => part.declared !== null);
  if (stated.length === 0) return nothing;
  const declared = boundedText(stated.map((part) => part.declared).join(', '), declaredLengthMax);
  // A part that states nothing readable may be the one that restricts.
  const complete = raw.length <= arrayLengthMax && parts.every((part) => part.expression !== null);
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
