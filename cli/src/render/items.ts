import type { Item } from '../api-client.ts';
import { printable } from './printable.ts';

/** An item a row: what it waits for or how it ended, and the failed try that it waits to repeat. Pure. */
export function renderItems(items: Item[]): string {
  const nameOf = ({ name, version }: Item) => (version ? `${name}@${version}` : name);
  const width = Math.min(48, Math.max(0, ...items.map((item) => nameOf(item).length)));
  return items
    .map((item) => printable(`${nameOf(item).padEnd(width)}  ${item.outcome ?? standing(item)}`))
    .join('\n');
}

type Standing = Pick<Item, 'state' | 'attempt' | 'queuePosition' | 'lastError'>;

/** `download, about 12th in its queue, run 2`, or `download, attempt 3 failed: code  why; next try 09:31`. Pure. */
export function standing({ state, attempt, queuePosition, lastError }: Standing): string {
  const parts = [state];
  if (lastError === null && queuePosition !== null)
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
