import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSandbox, type Sandbox, type SandboxOptions } from '@sluice/sandbox';
import { parseArchiveReport } from './inspect/archive-report-schema.ts';
import { unscannableReport, type ArchiveReport } from './inspect/archive-report.ts';

/** Inspects archives in sandboxed child processes; `run` gives the report. */
export type Inspector = Sandbox<ArchiveReport>;

/**
 * Starts no child yet. An archive that two children in a row died of is `unscannable` with the reason
 * `scanner.child-failed`.
 */
export function createInspector(
  options: Omit<SandboxOptions<ArchiveReport>, 'entry' | 'parse' | 'failed'>,
): Inspector {
  return createSandbox({
    ...options,
    entry: childEntry(),
    parse: parseArchiveReport,
    failed: (detail) => unscannableReport('scanner.child-failed', detail.slice(0, detailMaxLength)),
  });
}

/** Enough for the last lines of a stack. */
const detailMaxLength = 500;

/** The compiled child beside this module; from source, that of the last build (Node 20 cannot run TypeScript). */
function childEntry(): string {
  const here = fileURLToPath(import.meta.url);
  if (here.endsWith('.js')) return path.join(path.dirname(here), 'child.js');
  return path.join(path.dirname(here), '..', 'dist', 'child.js');
}
