import { readFileSync } from 'node:fs';

/** The version of this software, which all its workspaces share. */
export const softwareVersion = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
