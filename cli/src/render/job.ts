import type { Job } from '@sluice/api';
import { printable } from './printable.ts';

/** What a job is, and how far. Pure. */
export function renderJob({ id, kind, state, ended, total, result, error, by, createdAt }: Job): string {
  const unit = kind === 'replay' ? 'package versions' : 'items';
  const lines = [
    `${kind} ${id}: ${state}`,
    `By ${by}, ${createdAt.slice(0, 19).replace('T', ' ')} UTC.`,
    `${ended} of ${total} ${unit} ended.`,
  ];
  const counts = Object.entries(result ?? {}).filter(([, count]) => count > 0);
  if (counts.length > 0) lines.push(`${counts.map(([name, count]) => `${count} ${name}`).join(', ')}.`);
  if (error) lines.push(`${error.detail} (${error.code})`, error.remedy);
  return `${lines.map(printable).join('\n')}\n`;
}
