import type { Finding } from '@sluice/contracts';
import type { ArchiveFile, FileSink } from '../archive/read-tarball.ts';
import { fileRules } from '../rules/archive-rules.ts';
import type { FileSummary, Tier } from '../rules/rule.ts';
import type { Signal } from '../source/signal.ts';
import { SourceFile, type SourceLanguage } from '../source/source-file.ts';
import { formatOf, languageOf, languageOfText } from './classify-file.ts';
import { fileReader, type FilePiece } from './file-reader.ts';
import { toFinding } from './finding-list.ts';

/** The part of a file that is kept after reading. */
export interface InspectedFile {
  summary: FileSummary;
  findings: { path: string; finding: Finding; tierAtInstall: Tier | undefined }[];
  /** The beginning of its text, for checks beside the rules; null when it is not wanted, or no text. */
  text: string | null;
}

/** Bounds on the memory kept for one file, against hostile ones. */
const loadsMax = 200;
const signalsMax = 200;
const hitsPerRuleMax = 20;

/**
 * Reads one file of an archive, applies the rules to it, and forgets it.
 * @param textLimit characters of its text that are kept.
 */
export function inspectFile(
  file: ArchiveFile,
  textLimit: number,
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
    text: null,
  };
  let language: SourceLanguage | null = null;
  return fileReader(
    (head) => {
      Object.assign(inspected.summary, formatOf(head) ?? { kind: 'text' });
      if (inspected.summary.kind !== 'text') return false;
      language = stated === 'unknown' ? languageOfText(head.toString('utf8')) : stated;
      return textLimit > 0 || language !== null;
    },
    (piece) => {
      if (textLimit > 0) inspected.text ??= piece.text.slice(0, textLimit);
      if (language) inspectPiece(file.path, language, piece, inspected, stated === 'unknown');
    },
    () => onDone(inspected),
  );
}

function inspectPiece(
  path: string,
  language: SourceLanguage,
  piece: FilePiece,
  { summary, findings }: InspectedFile,
  isGuess: boolean,
): void {
  const source = readPiece(path, language, piece, isGuess);
  if (source.language !== 'other') summary.kind = source.language === 'shell' ? 'shell' : 'source';
  summary.signals.push(...source.signals.slice(0, signalsMax - summary.signals.length).map(shorten));
  summary.loads.push(...loadsOf(piece.text).slice(0, loadsMax - summary.loads.length));
  for (const rule of fileRules) {
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
      findings.push({ path, finding: detached(finding), tierAtInstall: rule.tierAtInstall });
    }
  }
}

/** A file with an unusual name may still be JavaScript: an install script can run it under any name. */
function readPiece(path: string, language: SourceLanguage, piece: FilePiece, isGuess: boolean): SourceFile {
  const options = { firstLine: piece.firstLine, isPiece: !piece.isWhole };
  if (isGuess && language === 'other') {
    const guess = new SourceFile(path, 'javascript', piece.text, { ...options, isGuess });
    if (guess.facts) return guess;
  }
  return new SourceFile(path, language, piece.text, options);
}

/** A position in a file that is gone is of no use; the text may be long. */
function shorten({ kind, start, detail }: Signal): Signal {
  return { kind, start, detail: detach(detail.slice(0, 80)) };
}

function detached(finding: Finding): Finding {
  const { title, excerpt } = finding;
  return { ...finding, title: detach(title), excerpt: excerpt === null ? null : detach(excerpt) };
}

/**
 * A copy of its own. A part of a text is only a view of it, and one path that is remembered would keep all of
 * its file in memory.
 */
function detach(part: string): string {
  return Buffer.from(part, 'utf16le').toString('utf16le');
}

/** Relative paths in quotes, and names of scripts anywhere in them: programs are started by their name. */
const local =
  /['"](\.{1,2}\/[^'"\n]{1,200})['"]|['"` /]([\w-][\w.-]{0,80}(?:\/[\w.-]{1,80}){0,6}\.(?:[cm]?js|sh|bash|ps1|bat|cmd|py))\b/g;

function loadsOf(text: string): string[] {
  const loads = new Set<string>();
  for (const [, path, name] of text.matchAll(local)) {
    loads.add(detach((path ?? name)!));
    if (loads.size >= loadsMax) break;
  }
  return [...loads];
}
