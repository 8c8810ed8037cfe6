import { detectLicenseTexts } from '@sluice/licenses/texts';
import { normaliseDeclaredLicense } from '@sluice/licenses';
import type { CoreMetadata } from './core-metadata.ts';

type Stated = Pick<CoreMetadata, 'license' | 'licenseExpression' | 'classifiers'>;

/** A longer value is the text of a license, not its name; the longest names have some 120 characters. */
const nameMaxChars = 200;
const textMaxChars = 50_000;
/** A text counts as the whole license from here on, as for the policy. */
const wholeScoreMin = 0.98;

/**
 * Trove classifiers that name one license. Those of a family (`BSD License`, `GNU General Public License (GPL)`) do not.
 * Source: PEP 639, "Appendix: Mapping license classifiers to SPDX identifiers", and the package trove-classifiers.
 */
const classifierIds: Record<string, string> = {
  'Blue Oak Model License (BlueOak-1.0.0)': 'BlueOak-1.0.0',
  'Boost Software License 1.0 (BSL-1.0)': 'BSL-1.0',
  'CEA CNRS Inria Logiciel Libre License, version 2.1 (CeCILL-2.1)': 'CECILL-2.1',
  'CeCILL-B Free Software License Agreement (CECILL-B)': 'CECILL-B',
  'CeCILL-C Free Software License Agreement (CECILL-C)': 'CECILL-C',
  'CMU License (MIT-CMU)': 'MIT-CMU',
  'Common Development and Distribution License 1.0 (CDDL-1.0)': 'CDDL-1.0',
  'Educational Community License, Version 2.0 (ECL-2.0)': 'ECL-2.0',
  'Eclipse Public License 1.0 (EPL-1.0)': 'EPL-1.0',
  'Eclipse Public License 2.0 (EPL-2.0)': 'EPL-2.0',
  'European Union Public Licence 1.1 (EUPL 1.1)': 'EUPL-1.1',
  'European Union Public Licence 1.2 (EUPL 1.2)': 'EUPL-1.2',
  'GNU Affero General Public License v3': 'AGPL-3.0-only',
  'GNU Affero General Public License v3 or later (AGPLv3+)': 'AGPL-3.0-or-later',
  'GNU General Public License v2 (GPLv2)': 'GPL-2.0-only',
  'GNU General Public License v2 or later (GPLv2+)': 'GPL-2.0-or-later',
  'GNU General Public License v3 (GPLv3)': 'GPL-3.0-only',
  'GNU General Public License v3 or later (GPLv3+)': 'GPL-3.0-or-later',
  'GNU Lesser General Public License v2 (LGPLv2)': 'LGPL-2.0-only',
  'GNU Lesser General Public License v2 or later (LGPLv2+)': 'LGPL-2.0-or-later',
  'GNU Lesser General Public License v3 (LGPLv3)': 'LGPL-3.0-only',
  'GNU Lesser General Public License v3 or later (LGPLv3+)': 'LGPL-3.0-or-later',
  'ISC License (ISCL)': 'ISC',
  'MIT License': 'MIT',
  'MIT No Attribution License (MIT-0)': 'MIT-0',
  'Mozilla Public License 1.0 (MPL)': 'MPL-1.0',
  'Mozilla Public License 1.1 (MPL 1.1)': 'MPL-1.1',
  'Mozilla Public License 2.0 (MPL 2.0)': 'MPL-2.0',
  'Mulan Permissive Software License v2 (MulanPSL-2.0)': 'MulanPSL-2.0',
  'Open Software License 3.0 (OSL-3.0)': 'OSL-3.0',
  'PostgreSQL License': 'PostgreSQL',
  'SIL Open Font License 1.1 (OFL-1.1)': 'OFL-1.1',
  'The Unlicense (Unlicense)': 'Unlicense',
  'Universal Permissive License (UPL)': 'UPL-1.0',
  'Zero-Clause BSD (0BSD)': '0BSD',
  'University of Illinois/NCSA Open Source License': 'NCSA',
  'Vovida Software License 1.0': 'VSL-1.0',
  'zlib/libpng License': 'Zlib',
  'CC0 1.0 Universal (CC0 1.0) Public Domain Dedication': 'CC0-1.0',
  'Other/Proprietary License': 'UNLICENSED',
};

/** Starts of the identifiers that a classifier of a family leaves open. */
const classifierFamilies: Record<string, RegExp> = {
  'Academic Free License (AFL)': /^AFL-/,
  'Apache Software License': /^Apache-/,
  'Artistic License': /^Artistic-/,
  'BSD License': /^(?:BSD-|0BSD)/,
  'GNU General Public License (GPL)': /^GPL-/,
  'GNU Library or Lesser General Public License (LGPL)': /^LGPL-/,
  'Historical Permission Notice and Disclaimer (HPND)': /^HPND/,
  'Python Software Foundation License': /^(?:PSF|Python)-2/,
  'W3C License': /^W3C/,
  'Zope Public License': /^ZPL-/,
};

/**
 * The license that core metadata state, in a form that `normaliseDeclaredLicense` reads: the expression of metadata 2.4 alone
 * where there is one, else the old free text and the classifiers, which have to agree. Several classifiers are alternatives or
 * parts, which they do not say, so that they are joined by AND: the stricter reading.
 * @returns undefined where nothing is stated.
 */
export function licenseStatement({ license, licenseExpression, classifiers }: Stated): unknown {
  if (licenseExpression) return licenseExpression;
  const text = meaningful(license);
  const named = classifiers.flatMap((classifier) => licenseClassifier(classifier) ?? []);
  const ids = [...new Set(named.flatMap((name) => classifierIds[name] ?? []))];
  const families = named.filter((name) => classifierIds[name] === undefined);
  if (text === null) return fromClassifiers(ids, families);
  const name = text.length <= nameMaxChars ? text : (wholeText(text) ?? text);
  const read = normaliseDeclaredLicense(name);
  if (read.expression === null) {
    // A text that says nothing of its own, such as "see LICENSE", leaves the classifier as the statement.
    const isVague =
      read.declaredForm !== 'unlicensed' && ids.length === 1 && families.length === 0 && isPointer(name);
    return isVague ? ids[0] : name;
  }
  const isOfFamilies = families.every(
    (family) => classifierFamilies[family]?.test(read.expression!) ?? false,
  );
  if (ids.length === 0 && isOfFamilies) return name;
  // The parts of an object have to say the same: another license, or a family that it is none of, makes it unreadable.
  return { type: name, name: isOfFamilies ? (joinIds(ids) ?? 'unknown') : named.join('; ') };
}

function fromClassifiers(ids: readonly string[], families: readonly string[]): unknown {
  if (ids.length === 0 && families.length === 0) return undefined;
  return families.length === 0 ? joinIds(ids) : [...families, ...ids].join('; ');
}

function joinIds(ids: readonly string[]): string | null {
  if (ids.includes('UNLICENSED')) return ids.length === 1 ? 'UNLICENSED' : null;
  return ids.length === 0 ? null : ids.join(' AND ');
}

/** Classifiers that say nothing of the license itself. */
const categories = new Set(['OSI Approved', 'DFSG approved']);

/** The last part of `License :: OSI Approved :: MIT License`; null for a category alone and for other classifiers. */
function licenseClassifier(classifier: string): string | null {
  const parts = classifier.split('::').map((part) => part.trim());
  if (parts[0] !== 'License' || parts.length < 2) return null;
  const name = parts.at(-1)!;
  return categories.has(name) ? null : name;
}

/** `UNKNOWN` is what distutils wrote for nothing. */
function meaningful(license: string | null): string | null {
  const text = license?.trim() ?? '';
  return text === '' || /^(?:unknown|none|license|dual license)$/i.test(text) ? null : text;
}

function isPointer(text: string): boolean {
  return /^(?:see|cf\.?|file:|refer to|license\.?(?:txt|md|rst)?$)/i.test(text);
}

/** The license that a long text is the whole of. */
function wholeText(text: string): string | null {
  const [only, ...others] = detectLicenseTexts(text.slice(0, textMaxChars));
  return only && others.length === 0 && only.score >= wholeScoreMin ? only.expression : null;
}
