import type { BatchDetail, RequestDetail } from '@sluice/api';
import { stageNames } from '@sluice/contracts';
import { printable } from './printable.ts';

/** A line a terminal shows in place; elsewhere a new line only now and then. */
const plainEveryMs = 5_000;

/** A request or a batch: it progresses while its items end. */
export type Progressing = Pick<BatchDetail, 'itemCount' | 'endedItems' | 'ratePerSecond' | 'etaSeconds'> &
  Partial<Pick<RequestDetail, 'open' | 'waitsFor'>>;

/** Shows how far a request or a batch is, on stderr. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  #lastPlainAt = 0;
  #lastText = '';

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  show(request: Progressing): void {
    const waits = (request.waitsFor ?? []).map(({ text: why }) => printable(why));
    const text = [progressText(request), ...waits].join('  ');
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\u001b[2K${text.slice(0, (this.#stream.columns ?? 80) - 1)}`);
      return;
    }
    const now = Date.now();
    if (text === this.#lastText || now - this.#lastPlainAt < plainEveryMs) return;
    this.#lastPlainAt = now;
    this.#lastText = text;
    this.#stream.write(`${text}\n`);
  }

  end(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\u001b[2K');
  }
}

const waiting = ['queued', ...stageNames, 'verdict'] as const;

/** `212/347 (61 %)  queued 40  license 3  download 60  scan 32  41/s  3 s left`. Pure. */
export function progressText(request: Progressing): string {
  const { itemCount, endedItems, open = {}, ratePerSecond, etaSeconds } = request;
  if (itemCount === 0) return 'nothing to assess';
  const percent = Math.floor((endedItems / itemCount) * 100);
  const parts = [`${endedItems}/${itemCount} (${percent} %)`];
  for (const state of waiting) if (open[state]) parts.push(`${state} ${open[state]}`);
  // Less is as good as none.
  if (ratePerSecond && ratePerSecond >= 0.05)
    parts.push(`${ratePerSecond < 10 ? ratePerSecond.toFixed(1) : Math.round(ratePerSecond)}/s`);
  if (etaSeconds !== null)
    parts.push(`${etaSeconds < 90 ? `${etaSeconds} s` : `${Math.ceil(etaSeconds / 60)} min`} left`);
  return parts.join('  ');
}
