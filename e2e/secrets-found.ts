import { lstat, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

/** The forms in which a secret could be written down: as it is, as in an address, in JSON, or as Base64 of it. */
function formsOf(secret: string): string[] {
  const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
  return [...forms, Buffer.from(secret).toString('base64').replace(/=+$/, '')];
}

/** @returns names of the secrets that stand in a text in any form. */
export function secretsIn(text: Buffer, secrets: Record<string, string>): string[] {
  return Object.entries(secrets)
    .filter(([, secret]) => formsOf(secret).some((form) => text.includes(form)))
    .map(([name]) => name);
}

/** Looks through all files below a folder. @returns `<secret> in <file>` for each that is found. */
export async function secretsBelow(folder: string, secrets: Record<string, string>): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const stats = await lstat(file);
    if (stats.isDirectory()) found.push(...(await secretsBelow(file, secrets)));
    else if (stats.isFile())
      found.push(...secretsIn(await readFile(file), secrets).map((secret) => `${secret} in ${file}`));
  }
  return found;
}
