import { accessSync, constants } from 'node:fs';
import path from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/**
 * A Chromium for tests of pages: the one that `SLUICE_CHROMIUM` names, else one of this machine.
 * @returns null where there is none; tests are skipped then, and say so.
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | null {
  const named = env['SLUICE_CHROMIUM'];
  if (named) return named;
  const folders = (env['PATH'] ?? '').split(path.delimiter);
  return (
    folders
      .flatMap((folder) => names.map((name) => path.join(folder, name)))
      .find((file) => isProgram(file)) ?? null
  );
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
