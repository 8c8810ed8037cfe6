import { pypiNames } from './names.ts';
import { isPypiVersion } from './versions.ts';

/** One `<python>-<abi>-<platform>` that a wheel is for. */
export interface WheelTag {
  python: string;
  abi: string;
  platform: string;
}

export type FileName =
  | {
      kind: 'wheel';
      version: string;
      tags: WheelTag[];
      /** `py3-none-any`, as in the name. */ tagText: string;
    }
  | { kind: 'sdist'; version: string };

/** Endings that pip takes for source distributions, the longest first. */
const sdistEndings = ['.tar.gz', '.tar.bz2', '.tar.xz', '.tar.lzma', '.tgz', '.tbz', '.txz', '.tar', '.zip'];
/** A compressed set of a real wheel has at most a dozen tags. */
const tagsMax = 100;

/**
 * Reads the name of a distribution's file as pip does: which version it is of, and for which platforms.
 * @param project canonical name of the project whose page lists the file.
 * @returns null for a file that pip would not install: another project's, an egg, an installer.
 * Source: PyPA, "Binary distribution format" (PEP 427, 425, 600), "Source distribution format" (PEP 625).
 */
export function readFileName(file: string, project: string): FileName | null {
  return file.toLowerCase().endsWith('.whl') ? readWheelName(file, project) : readSdistName(file, project);
}

function readWheelName(file: string, project: string): FileName | null {
  const parts = file.slice(0, -'.whl'.length).split('-');
  if (parts.length !== 5 && parts.length !== 6) return null;
  const [name = '', version = ''] = parts;
  const [pythons = '', abis = '', platforms = ''] = parts.slice(-3);
  // A build number begins with a digit.
  if (parts.length === 6 && !/^\d/.test(parts[2]!)) return null;
  const written = version.replaceAll('_', '-');
  const isOwn = pypiNames.canonicalName(name) === project && isPypiVersion(written);
  if (!isOwn) return null;
  const sets = [pythons, abis, platforms].map((set) => set.toLowerCase().split('.'));
  if (sets.reduce((count, set) => count * set.length, 1) > tagsMax) return null;
  const tags = sets[0]!.flatMap((python) =>
    sets[1]!.flatMap((abi) => sets[2]!.map((platform) => ({ python, abi, platform }))),
  );
  return { kind: 'wheel', version: written, tags, tagText: `${pythons}-${abis}-${platforms}` };
}

/** Old names and versions may both hold hyphens: the project's name decides where the version begins. */
function readSdistName(file: string, project: string): FileName | null {
  const ending = sdistEndings.find((known) => file.toLowerCase().endsWith(known));
  if (ending === undefined) return null;
  const stem = file.slice(0, -ending.length);
  for (let at = stem.indexOf('-'); at > 0; at = stem.indexOf('-', at + 1)) {
    const version = stem.slice(at + 1);
    if (pypiNames.canonicalName(stem.slice(0, at)) === project && isPypiVersion(version))
      return { kind: 'sdist', version };
  }
  return null;
}
