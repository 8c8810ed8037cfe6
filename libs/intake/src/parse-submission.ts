import { PermanentError, type Submission } from '@sluice/contracts';
import { describeOtherFile } from './describe-other-file.ts';
import type { Intake, SubmittedFile } from './format.ts';
import { leaveOut } from './leave-out.ts';
import { parseSafeJson } from './safe-json.ts';

/** Package versions in one submission, at most. */
const itemsMax = 20_000;

export interface IntakeOptions {
  /** One per ecosystem; the first format that fits a file reads it. */
  intakes: readonly Intake[];
  /**
   * Addresses that packages may come from without a pin: those of the configured registry, and others that stand for
   * it, each with a slash at its end. Without any, every address in a lockfile counts as a strange one.
   * @param type purl type.
   */
  registriesOf?: (type: string, name: string) => readonly string[];
  /** Platforms that are installed on, for instance `linux-x64`; none stands for all of them. */
  platforms?: readonly string[];
}

/**
 * Reads a submitted file, whichever of the known formats it has. A byte-order mark is skipped, as package managers do. What
 * is for other platforms than those given stays in the list, marked as such.
 * @throws PermanentError with an `input.*` or `lockfile.*` code that names the fault and the remedy.
 */
export function parseSubmission(
  bytes: Uint8Array,
  { intakes, registriesOf = () => [], platforms = [] }: IntakeOptions,
): Submission {
  const content = hasByteOrderMark(bytes) ? bytes.subarray(3) : bytes;
  const { json, fault } = readJson(content);
  const file: SubmittedFile = { content, json };
  for (const { type, formats } of intakes) {
    const format = formats.find((known) => known.fits(file));
    if (!format) continue;
    const submission = format.parse(file, { itemsMax, registriesOf: (name) => registriesOf(type, name) });
    return { ...submission, items: leaveOut(submission.items, platforms) };
  }
  const other = describeOtherFile(file, intakes);
  if (other === null && fault !== null) throw fault;
  throw new PermanentError(
    'lockfile.unknown-format',
    other ?? 'The file is not a lockfile that Sluice reads.',
    { cause: fault },
  );
}

/** The content as JSON, or the error that says why it is none. */
function readJson(content: Uint8Array): { json: unknown; fault: PermanentError | null } {
  try {
    return { json: parseSafeJson(content), fault: null };
  } catch (error) {
    if (error instanceof PermanentError) return { json: undefined, fault: error };
    throw error;
  }
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
