import type { Finding } from '@sluice/contracts';
import type { ArchiveFile, FileSink } from '../archive/read-tarball.ts';
import { fileRules } from '../rules/archive-rules.ts';
import { needOf, type PutOffNeed } from '../rules/needed-words.ts';
import type { FileRule, FileSummary, Tier } from '../rules/rule.ts';
import { unreadCode } from '../rules/unread-code.ts';
import type { Signal } from '../source/signal.ts';
import { SourceFile, type SourceLanguage } from '../source/source-file.ts';
import { stripTypes } from '../source/strip-types.ts';
import { formatOf, languageOf, languageOfText } from './classify-file.ts';
import { fileReader, type FilePiece } from './file-reader.ts';
import { toFinding } from './finding-list.ts';
import { detach, loadsMax, localLoads } from './local-loads.ts';
import { mayBeCode } from './may-be-code.ts';

/** The part of a file that is kept after reading. */
export interface InspectedFile {
  summary: FileSummary;
  findings: {
    path: string;
    finding: Finding;
    tierAtInstall: Tier | undefined;
    /** Whether its file is code only where other code loads it: its name says something else. */
    isDormant: boolean;
  }[];
  /**
   * Reads the file again, with its syntax tree, in place of what is said here; null for a file of which the tree is known or
   * can say nothing.
   */
  later: PutOff | null;
  /** The beginning of its text, for checks beside the rules; null when it is not wanted, or no text. */
  text: string | null;
}

/** A file that is read by its text for now. */
export interface PutOff extends PutOffNeed {
  length: number;
  read: () => InspectedFile;
}

/** Bounds on the memory kept for one file, against hostile ones. */
const signalsMax = 200;
const hitsPerRuleMax = 20;

/**
 * Reads one file of an archive, applies the rules to it, and forgets it.
 * @param options `textLimit`: characters of its text that are kept. `rules`: those over its text alone leave out what its code does.
 */
export function inspectFile(
  file: ArchiveFile,
  { textLimit, rules = fileRules }: { textLimit: number; rules?: readonly FileRule[] },
  onDone: (inspected: InspectedFile) => void,
): FileSink {
  const stated = languageOf(file.path);
  const inspected: InspectedFile = {
    summary: {
      sizeBytes: file.sizeBytes,
      mode: file.mode,
      kind: 'binary',
      format: null,
      signals: [],
      loads: [],
    },
    findings: [],
    later: null,
    text: null,
  };
  let reading: Reading | null = null;
  return fileReader(
    (head) => {
      const format = formatOf(head);
      const isText = !head.includes(0) && (format === null || isUtf8(head));
      inspected.summary.format = format?.format ?? null;
      inspected.summary.kind = isText ? 'text' : (format?.kind ?? 'binary');
      const found = readingOf(stated, head, isText, head.length >= file.sizeBytes);
      reading = found && { ...found, rules };
      return textLimit > 0 || reading !== null;
    },
    (piece) => {
      if (textLimit > 0 && inspected.summary.kind === 'text')
        inspected.text ??= piece.text.slice(0, textLimit);
      if (reading) inspectPiece(file.path, reading, piece, inspected);
    },
    () => onDone(inspected),
  );
}

/** The ways in which a file is read: as its name says, and as code where it begins like code. */
interface Reading {
  language: SourceLanguage | 'typescript' | null;
  /** Whether it is tried as JavaScript first. */
  mayBeCode: boolean;
  isDormant: boolean;
  rules: readonly FileRule[];
}

/** @returns null for a file that holds nothing that could run. */
function readingOf(
  stated: ReturnType<typeof languageOf>,
  head: Buffer,
  isText: boolean,
  isWhole: boolean,
): Omit<Reading, 'rules'> | null {
  if (stated !== null && stated !== 'unknown' && stated !== 'other')
    return { language: stated, mayBeCode: false, isDormant: false };
  const text = head.toString('utf8');
  const language = stated === 'unknown' ? languageOfText(text) : stated;
  if (language === 'javascript') return { language, mayBeCode: false, isDormant: false };
  const looksLikeCode = mayBeCode(text, isWhole);
  if (!looksLikeCode && (language === null || !isText)) return null;
  // A name without a known ending is one that programs have.
  return { language: isText ? language : null, mayBeCode: looksLikeCode, isDormant: stated !== 'unknown' };
}

/** A character may be cut at the end of the first bytes. */
function isUtf8(head: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function inspectPiece(path: string, reading: Reading, piece: FilePiece, inspected: InspectedFile): void {
  const mayBeParsed =
    reading.mayBeCode || reading.language === 'javascript' || reading.language === 'typescript';
  const need = mayBeParsed ? needOf(piece.text) : 'never';
  if (!piece.isWhole && need !== 'never') addUnread(path, reading, inspected);
  const isPutOff = typeof need === 'object' && reading.language === 'javascript' && piece.isWhole;
  if (isPutOff) {
    const { kind } = inspected.summary;
    const read = () => {
      const summary = { ...inspected.summary, kind, signals: [], loads: [] };
      const again: InspectedFile = { ...inspected, summary, findings: [], later: null };
      applyRules(path, reading, piece, true, again);
      return again;
    };
    inspected.later = { ...need, length: piece.text.length, read };
  }
  applyRules(path, reading, piece, need !== 'never' && !isPutOff, inspected);
}

/** A file has this finding once, however many of its pieces have words. */
function addUnread(path: string, { isDormant }: Reading, { findings }: InspectedFile): void {
  if (findings.some(({ finding }) => finding.rule === unreadCode.id)) return;
  const finding = toFinding(unreadCode, { file: path });
  findings.push({ path, finding, tierAtInstall: undefined, isDormant });
}

/** @param isParsed whether the syntax tree is read, where the file has one. */
function applyRules(
  path: string,
  reading: Reading,
  piece: FilePiece,
  isParsed: boolean,
  { summary, findings }: InspectedFile,
): void {
  const { rules } = reading;
  const code = reading.mayBeCode && isParsed ? readAsCode(path, piece) : null;
  const source = code ?? readAsStated(path, reading.language, piece, isParsed);
  if (source === null) return;
  const isDormant = code !== null && reading.isDormant;
  // A program under the name of a script stays one.
  const isRead = summary.kind === 'text' || source.facts?.loose === false;
  if (isRead && source.language !== 'other') summary.kind = source.language === 'shell' ? 'shell' : 'source';
  if (rules === fileRules)
    summary.signals.push(
      ...source.signals
        .slice(0, signalsMax - summary.signals.length)
        .map((signal) => shorten(signal, source)),
    );
  // Data loads nothing: a package.json names all files of its package.
  if (source.language !== 'other')
    summary.loads.push(
      ...[...localLoads(piece.text), ...source.loads.map(detach)].slice(0, loadsMax - summary.loads.length),
    );
  for (const rule of rules) {
    let hits = 0;
    for (const hit of rule.check(source)) {
      if ((hits += 1) > hitsPerRuleMax) break;
      const place =
        hit.start === undefined
          ? {}
          : {
              line: source.lineAt(hit.start),
              excerpt: hit.excerpt === undefined ? source.excerptAt(hit.start) : hit.excerpt,
            };
      const finding = toFinding(rule, { ...hit, ...place, file: path });
      findings.push({ path, finding: detached(finding), tierAtInstall: rule.tierAtInstall, isDormant });
    }
  }
}

/** A file of any name may be JavaScript: code loads and starts files under any. */
function readAsCode(path: string, piece: FilePiece): SourceFile | null {
  const { firstLine, isWhole } = piece;
  const source = new SourceFile(path, 'javascript', piece.text, {
    firstLine,
    isPiece: !isWhole,
    isGuess: true,
  });
  return source.facts ? source : null;
}

function readAsStated(
  path: string,
  language: Reading['language'],
  piece: FilePiece,
  isParsed: boolean,
): SourceFile | null {
  if (language === null) return null;
  const { firstLine, isWhole } = piece;
  const options = { firstLine, isPiece: !isWhole, isTextOnly: !isParsed };
  if (language !== 'typescript') return new SourceFile(path, language, piece.text, options);
  const plain = isWhole && isParsed ? stripTypes(piece.text, path.endsWith('x')) : null;
  return new SourceFile(path, plain === null ? 'other' : 'javascript', plain ?? piece.text, options);
}

/** A position in a file that is gone is of no use; the text may be long. */
function shorten({ kind, start, detail }: Signal, source: SourceFile): Signal {
  return { kind, start, line: source.lineAt(start), detail: detach(detail.slice(0, 80)) };
}

function detached(finding: Finding): Finding {
  const { title, excerpt } = finding;
  return { ...finding, title: detach(title), excerpt: excerpt === null ? null : detach(excerpt) };
}
