import type { Item } from '@sluice/api';
import { renderBytes } from './bytes.ts';
import { printable } from './printable.ts';

/** An item a row: its state or outcome, and the failed try that will be repeated. Pure. */
export function renderItems(items: Item[]): string {
  const nameOf = ({ name, version }: Item) => (version ? `${name}@${version}` : name);
  const width = Math.min(48, Math.max(0, ...items.map((item) => nameOf(item).length)));
  return items
    .map((item) => printable(`${nameOf(item).padEnd(width)}  ${item.outcome ?? standing(item)}`))
    .join('\n');
}

type Standing = Pick<Item, 'attempt' | 'queuePosition' | 'bytes' | 'lastError'> & { state: string };

/** `download, about 12th in its queue, run 2`, or `download, attempt 3 failed: code  why; next try 09:31`. Pure. */
export function standing({ state, attempt, queuePosition, bytes, lastError }: Standing): string {
  const parts: string[] = [state];
  if (bytes !== null) parts.push(renderBytes(bytes));
  else if (lastError === null && queuePosition !== null)
    parts.push(queuePosition === 0 ? 'handed out' : `about place ${queuePosition} in its queue`);
  if (attempt !== null && attempt > 1) parts.push(`run ${attempt}`);
  if (lastError !== null) {
    const { code, detail, stageAttempt, nextTryAt, worker } = lastError;
    parts.push(
      `attempt ${stageAttempt} on ${worker} failed: ${code}  ${detail.replace(/\.$/, '')}; next try ${nextTryAt}`,
    );
  }
  return parts.join(', ');
}
