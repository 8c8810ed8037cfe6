import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from './exit-codes.ts';
import { findNpmrcKey } from './find-npmrc-key.ts';

/** Files beside a lockfile, and the setting in a text of them that has packages for other platforms installed too. */
const settings: Record<string, (text: string) => string | null> = {
  '.npmrc': (text) => findNpmrcKey(text, /^(?:os|cpu|libc|force|supported-?architectures.*)$/i),
  '.yarnrc.yml': supportedArchitectures,
  'pnpm-workspace.yaml': supportedArchitectures,
  'package.json': supportedArchitectures,
};

/**
 * The platform that package managers install for on this machine, `linux-x64-glibc`. A C library other than glibc is not
 * named, so that packages for any of them are assessed.
 * @throws CommandError with exit code 2 when a setting beside the lockfile has them install for others too.
 */
export async function currentPlatform(lockfile: string): Promise<string> {
  for (const [name, settingIn] of Object.entries(settings)) {
    const file = path.join(path.dirname(lockfile), name);
    const setting = settingIn(await readFile(file, 'utf8').catch(() => ''));
    if (setting === null) continue;
    throw new CommandError(
      exitCodes.usage,
      `${file} sets "${setting}": packages for other platforms than this machine's may be installed as well.`,
      'Name the platforms, each with --platform, or vet for all of them with --platform all.',
    );
  }
  return `${process.platform}-${process.arch}${hasGlibc() ? '-glibc' : ''}`;
}

/** A key of pnpm and Yarn, in whichever spelling: what has to be decoded first may be it. */
function supportedArchitectures(text: string): string | null {
  return /supportedArchitectures|(?<!\\)(?:\\\\)*\\[^"\\/bfnrt]/.exec(text)?.[0] ?? null;
}

/** As npm tells it: npm-install-checks, `current-env.js`. */
function hasGlibc(): boolean {
  if (process.platform !== 'linux') return false;
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return Boolean(header?.glibcVersionRuntime);
}
