import type { FileSink } from '../archive/read-tarball.ts';

/**
 * Text that is looked at in one piece, and parsed. Of 1,700 popular packages one has code in a longer file; a tree of so much takes
 * most of the memory that a child may have.
 */
const pieceMaxBytes = 16 * 1024 * 1024;
/** Pieces of larger files overlap by this much, so that nothing short falls between two. */
const overlapBytes = 4 * 1024;
/** Enough to tell text from binary data, and any format from the others. */
const headBytes = 4 * 1024;

export interface FilePiece {
  text: string;
  /** Line of the piece's first character, from 1. */
  firstLine: number;
  /** False for a piece of a file that is too large to be read at once. */
  isWhole: boolean;
}

/**
 * Takes the bytes of one file and hands them on as text in pieces of bounded size, each as soon as it is complete.
 * @param onHead called with the first bytes (or all, of a shorter file) before any piece; false stops the reading.
 */
export function fileReader(
  onHead: (head: Buffer) => boolean,
  onPiece: (piece: FilePiece) => void,
  onEnd: () => void,
): FileSink {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let firstLine = 1;
  let isCut = false;
  let state: 'undecided' | 'wanted' | 'skipped' = 'undecided';

  const decide = () => {
    if (state === 'undecided') state = onHead(joined(chunks).subarray(0, headBytes)) ? 'wanted' : 'skipped';
    if (state === 'skipped') chunks = [];
    return state;
  };
  const flush = (isLast: boolean) => {
    const data = joined(chunks);
    const text = data.toString('utf8');
    onPiece({ text, firstLine, isWhole: isLast && !isCut });
    if (isLast) return;
    const kept = data.subarray(-overlapBytes);
    firstLine += countLines(text) - countLines(kept.toString('utf8'));
    chunks = [Buffer.from(kept)];
    bytes = kept.length;
    isCut = true;
  };
  return {
    write(chunk) {
      if (state === 'skipped') return;
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= headBytes && decide() === 'wanted' && bytes >= pieceMaxBytes) flush(false);
    },
    end() {
      if (decide() === 'wanted') flush(true);
      onEnd();
    },
  };
}

/** Most files come in one chunk, which is not copied. */
function joined(chunks: readonly Buffer[]): Buffer {
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
