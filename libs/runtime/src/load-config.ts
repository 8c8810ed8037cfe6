import { readFileSync } from 'node:fs';
import { PermanentError } from '@sluice/contracts';
import type { z } from 'zod';

/**
 * Reads configuration from environment variables. `NAME_FILE` may stand in for any `NAME`: its content, trimmed, is
 * the value (for mounted secrets). Empty variables count as unset.
 * @param schema an object schema whose keys are variable names.
 * @throws PermanentError `config.invalid` that lists every fault at once, one a line, never with a value.
 */
export function loadConfig<Config>(
  schema: z.ZodType<Config>,
  env: Readonly<Record<string, string | undefined>>,
): Config {
  const faults: string[] = [];
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value) values[name] = value;
  }
  for (const [name, path] of Object.entries(env)) {
    if (!name.endsWith('_FILE') || !path) continue;
    const target = name.slice(0, -'_FILE'.length);
    if (!declares(schema, target) || declares(schema, name)) continue;
    if (values[target]) {
      faults.push(`${target}: set it or ${name}, not both`);
      continue;
    }
    try {
      values[target] = readFileSync(path, 'utf8').trim();
    } catch (cause) {
      faults.push(`${name}: cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'error'})`);
    }
  }
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    faults.push(
      ...parsed.error.issues.map((issue) => `${issue.path.join('.') || '(all)'}: ${issue.message}`),
    );
  }
  if (faults.length > 0 || !parsed.success) {
    throw new PermanentError('config.invalid', faults.join('\n'));
  }
  return parsed.data;
}

function declares(schema: z.ZodType, name: string): boolean {
  const shape = (schema as { shape?: Record<string, unknown> }).shape;
  return shape !== undefined && name in shape;
}
