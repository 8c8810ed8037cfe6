import { createSandbox, type Sandbox, type SandboxOptions } from '@sluice/sandbox';
import { parseArchiveReport } from './inspect/archive-report-schema.ts';
import { unscannableReport, type ArchiveReport } from './inspect/archive-report.ts';

/** Inspects archives in sandboxed child processes; `run` gives the report of an archive of the purl type in `task`. */
export type Inspector = Sandbox<ArchiveReport>;

/**
 * Starts no child yet. An archive that two children in a row died of is `unscannable` with the reason
 * `scanner.child-failed`.
 */
export function createInspector(options: Omit<SandboxOptions<ArchiveReport>, 'parse' | 'failed'>): Inspector {
  return createSandbox({
    ...options,
    parse: parseArchiveReport,
    failed: (detail) => unscannableReport('scanner.child-failed', detail.slice(0, detailMaxLength)),
  });
}

/** Enough for the last lines of a stack. */
const detailMaxLength = 500;
