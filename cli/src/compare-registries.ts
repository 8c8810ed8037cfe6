import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { intakes } from '@sluice/ecosystems/intake';
import { parseSubmission } from '@sluice/intake';
import { CommandError, exitCodes } from './exit-codes.ts';
import { findNpmrcKey } from './find-npmrc-key.ts';

/** Files beside a lockfile in which package managers find their registries, and the setting in a text of them that names one. */
const settings: Record<string, (text: string) => string | null> = {
  '.npmrc': (text) => findNpmrcKey(text, /^(?:.*:)?registry$|^replace-registry-host$/),
  '.yarnrc': (text) => /^\s*"?((?:@[^\s":]+:)?registry)"?\s/m.exec(text)?.[1] ?? null,
  '.yarnrc.yml': (text) => /^\s*["']?(npmRegistryServer|npmRegistries|npmScopes)\b/m.exec(text)?.[1] ?? null,
  // Keys of TOML may stand in quotes, in tables within a line and with escapes.
  'bunfig.toml': (text) => /^[^#\n]*?(registry|scopes|\\u)/im.exec(text)?.[1] ?? null,
  'pnpm-workspace.yaml': (text) => /^["']?(registr(?:y|ies))\b/m.exec(text)?.[1] ?? null,
};

/**
 * Refuses a lockfile with an entry that has no pin, beside settings that name another registry: installers take the
 * bytes from that one, and Sluice judges those of its own. A pin says which bytes they are, wherever they come from.
 * @throws CommandError with exit code 2 that names the setting and the entry.
 */
export async function refuseOtherRegistry(lockfile: string, content: Buffer): Promise<void> {
  for (const [name, settingIn] of Object.entries(settings)) {
    const file = path.join(path.dirname(lockfile), name);
    const setting = settingIn(await readFile(file, 'utf8').catch(() => ''));
    const entry = setting === null ? null : unpinnedEntry(content);
    if (entry === null) continue;
    throw new CommandError(
      exitCodes.usage,
      `${file} sets "${setting}", and ${entry} has no integrity: the installer would take whatever that registry serves.`,
      'Write the lockfile anew with `npm install --package-lock-only`, so that every entry has one, and vet that.',
    );
  }
}

function unpinnedEntry(content: Buffer): string | null {
  try {
    const { items } = parseSubmission(content, { intakes });
    const item = items.find(
      ({ purl, bundledIn, pins, notes }) =>
        purl !== null &&
        !bundledIn &&
        pins.length === 0 &&
        !notes.some(({ code }) => code === 'integrity.unreadable'),
    );
    return item ? `${item.name}@${item.version}` : null;
  } catch {
    // The gateway answers content that cannot be read.
    return null;
  }
}
