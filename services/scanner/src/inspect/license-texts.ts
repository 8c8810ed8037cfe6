import { detectLicenseTexts } from '@sluice/licenses/texts';

/** At the top of the package: what a bundled dependency says is about that dependency. */
const licenseFile = /^(?:un)?licen[cs]es?(?:[-._].*)?$|^copying(?:[-._].*)?$/i;
const readmeFile = /^readme(?:\.(?:md|markdown|txt|rst))?$/i;
const heading = /^(?:#{1,6}\s*.*\blicen[cs]e\b.*|.*\blicen[cs]e\b.*\n[=-]{3,})$/im;
const textsMax = 10;

/** The longest license in use has 35 kB; collections of notices are longer, and their start is what matters. */
export const licenseTextMaxBytes = 256 * 1024;

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
    .flatMap(([file, text]) => detectLicenseTexts(text).map((license) => ({ file, ...license })));
  if (found.length > 0) return found.slice(0, textsMax);
  return files
    .filter(([file]) => readmeFile.test(file))
    .flatMap(([file, text]) => {
      const match = heading.exec(text);
      return match
        ? detectLicenseTexts(text.slice(match.index)).map((license) => ({ file, ...license }))
        : [];
    })
    .slice(0, textsMax);
}
