import { createRequire } from 'node:module';

// Asked for by the package's name: a program that is built into one file lies elsewhere.
const { version } = createRequire(import.meta.url)('@sluice/runtime/package.json') as { version: string };

/** The version of this software, which all its workspaces share. */
export const softwareVersion = version;
