import { detectLicenseTexts, type DetectedLicense } from '@sluice/licenses/texts';
import { printable } from '@sluice/contracts';

/** At the top of the package: the license file of a bundled dependency is about that dependency. */
const licenseFile =
  /^(?!.*\.(?:[cm]?[jt]sx?|json|map|css)$)(?:(?:un)?licen[cs]es?|copying|eula|commons-?clause)(?:[-._].*)?$/i;
const readmeFile = /^readme(?:\.(?:md|markdown|txt|rst))?$/i;
/** Licenses beyond these are notices of bundled code. */
const textsMax = 20;

/** The longest license in use has 35 kB; collections of notices are longer, and only their start matters. */
export const licenseTextMaxBytes = 256 * 1024;

/** Below the score from which the judge takes a text for the whole license. */
const partialScoreMax = 0.9;
/** An event lists the texts, and has at most 64 kB. */
const fileLengthMax = 200;

export interface LicenseText {
  file: string;
  expression: string;
  score: number;
}

export function mayHoldLicense(path: string): boolean {
  return licenseFile.test(path) || readmeFile.test(path);
}

/** Recognises the licenses in the package's own license files; its README is asked only when there are none. */
export function findLicenseTexts(texts: ReadonlyMap<string, string>): LicenseText[] {
  const files = [...texts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const found = files
    .filter(([file]) => licenseFile.test(file))
    .flatMap(([file, text]) => named(file, text, detectLicenseTexts(text)));
  if (found.length > 0) return listed(found);
  return listed(
    files
      .filter(([file]) => readmeFile.test(file))
      .flatMap(([file, text]) => named(file, text, detectLicenseTexts(licenseSection(text), false))),
  );
}

/** A file that was not read to its end may say more there, so that it counts as no whole text. */
function named(file: string, text: string, licenses: readonly DetectedLicense[]): LicenseText[] {
  const scoreMax = text.length < licenseTextMaxBytes ? 1 : partialScoreMax;
  return licenses.map(({ expression, score }) => ({
    file: printable(file, fileLengthMax),
    expression,
    score: Math.min(score, scoreMax),
  }));
}

/** Each license once before any of them twice, so that many copies of one hide no other. */
function listed(texts: readonly LicenseText[]): LicenseText[] {
  const isFirst = (text: LicenseText) =>
    texts.find(({ expression }) => expression === text.expression) === text;
  return [...texts.filter(isFirst), ...texts.filter((text) => !isFirst(text))].slice(0, textsMax);
}

/** The part of a README under its heading about the license, up to the next heading of that level or above. */
function licenseSection(readme: string): string {
  const lines = readme.split(/\r?\n/);
  const start = lines.findIndex((line, at) => isLicenseTitle(line) && headingLevel(lines, at) !== null);
  if (start < 0) return '';
  const level = headingLevel(lines, start)!;
  // An underlined heading takes two lines.
  const end = lines.findIndex((_line, at) => at > start + 1 && (headingLevel(lines, at) ?? 7) <= level);
  return lines.slice(start, end < 0 ? undefined : end).join('\n');
}

/** A longer line is no heading. */
const titleLengthMax = 200;

function isLicenseTitle(line: string): boolean {
  return line.length <= titleLengthMax && /\blicen[cs]e\b/i.test(line);
}

/** 1 to 6 as in Markdown; null for a line that is no heading. */
function headingLevel(lines: readonly string[], at: number): number | null {
  const marks = /^#{1,6}(?=[^#])/.exec(lines[at]!);
  if (marks) return marks[0].length;
  const underline = lines[at]!.trim() === '' ? null : /^(={3,}|-{3,})\s*$/.exec(lines[at + 1] ?? '');
  return underline ? (underline[1]!.startsWith('=') ? 1 : 2) : null;
}
