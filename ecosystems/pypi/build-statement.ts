import { parse } from 'smol-toml';
import type { BuildStatement } from './contents.ts';

export const noStatement: BuildStatement = { backend: null, backendPaths: [], requires: [], problem: null };

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

/** Reads `[build-system]` of a pyproject.toml. Source: PEP 517 and 518. */
export function readBuildStatement(text: string | null): BuildStatement {
  if (text === null) return { ...noStatement, problem: 'It is no text' };
  let system: Record<string, unknown>;
  try {
    system = (parse(text)['build-system'] ?? {}) as Record<string, unknown>;
  } catch {
    return { ...noStatement, problem: 'It is not valid TOML' };
  }
  const backend = system['build-backend'];
  return {
    backend: typeof backend === 'string' ? backend : null,
    backendPaths: textsOf(system['backend-path']),
    requires: textsOf(system.requires),
    problem: null,
  };
}
