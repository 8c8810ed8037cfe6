import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { defaultStateFolder, stateFolder } from '@sluice/embedded/attach';
import type { StoredSpan } from '@sluice/runtime';
import type { Command } from 'commander';
import { printable } from '../render/printable.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { outputCommand } from '../options.ts';
import { print, type OutputOptions } from '../output.ts';

/** `sluice trace <trace id>`: the spans that the embedded stack kept, as a tree. */
export function traceCommand(program: Command): void {
  outputCommand(program, 'trace')
    .argument('<traceId>', '32 hexadecimal digits, as the API and the logs give them')
    .description('show a trace that the embedded stack of this folder kept')
    .action(async (traceId: string, options: OutputOptions) => {
      const spans = await readSpans(stateFolder(defaultStateFolder).spans, traceId);
      if (spans.length === 0) {
        throw new CommandError(
          exitCodes.usage,
          `There is no trace ${traceId} here.`,
          'Traces are kept for a week; spans are written within a second.',
        );
      }
      print(options, { traceId, items: spans }, ({ items }) => `${renderTrace(items)}\n`);
    });
}

async function readSpans(folder: string, traceId: string): Promise<StoredSpan[]> {
  const files = await readdir(folder).catch(() => []);
  const spans: StoredSpan[] = [];
  for (const file of files.toSorted((a, b) => (a < b ? -1 : 1))) {
    const text = await readFile(path.join(folder, file), 'utf8');
    for (const line of text.split('\n'))
      if (line.includes(traceId)) spans.push(JSON.parse(line) as StoredSpan);
  }
  return spans.filter((span) => span.traceId === traceId);
}

/** Parents above children, each with its offset from the start of the trace and its duration. Pure. */
export function renderTrace(spans: StoredSpan[]): string {
  const known = new Set(spans.map((span) => span.spanId));
  const startUs = Math.min(...spans.map((span) => span.startUs));
  const lines: string[] = [];
  const add = (parent: string | null, depth: number) => {
    const children = spans
      .filter((span) =>
        parent === null
          ? span.parentSpanId === null || !known.has(span.parentSpanId)
          : span.parentSpanId === parent,
      )
      .toSorted((a, b) => a.startUs - b.startUs);
    for (const span of children) {
      const offset = `+${((span.startUs - startUs) / 1000).toFixed(1)} ms`.padStart(12);
      const duration = `${(span.durationUs / 1000).toFixed(1)} ms`.padStart(11);
      const error = span.error ? `  ! ${span.error}` : '';
      const text = printable(`${span.service}: ${span.name}${error}`);
      lines.push(`${offset} ${duration}  ${'  '.repeat(depth)}${text}`);
      add(span.spanId, depth + 1);
    }
  };
  add(null, 0);
  return lines.join('\n');
}
