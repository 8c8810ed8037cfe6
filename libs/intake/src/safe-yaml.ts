import { PermanentError } from '@sluice/contracts';
import { loadAll } from 'js-yaml';
import { jsonDepthMax } from './safe-json.ts';

/** A text as UTF-8; bytes that are none become replacement characters. */
export function textOf(content: Uint8Array): string {
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('utf8');
}

/**
 * Parses untrusted YAML: UTF-8, at most 64 levels deep, no key twice in one mapping, no alias, no key that reaches for a
 * prototype. Scalars are those of YAML's core schema.
 * @returns its documents.
 * @throws PermanentError `lockfile.invalid`, `input.unsafe-key`.
 */
export function parseSafeYaml(content: Uint8Array): unknown[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (cause) {
    throw new PermanentError('lockfile.invalid', 'The file is not UTF-8.', { cause });
  }
  if (text.includes('__proto__'))
    throw new PermanentError('input.unsafe-key', 'The key "__proto__" is not allowed.');
  try {
    return loadAll(text, { maxDepth: jsonDepthMax, maxAliases: 0 });
  } catch (cause) {
    const [detail] = (cause as Error).message.split('\n');
    throw new PermanentError('lockfile.invalid', `The file is not YAML: ${detail}`, { cause });
  }
}
