import { median, type Result } from './bench.ts';

const figure = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value >= 10 ? value.toFixed(1) : value.toFixed(2);

const spread = (samples: number[], unit: string) =>
  samples.length > 1
    ? `${figure(median(samples))}${unit} (${figure(Math.min(...samples))}–${figure(Math.max(...samples))})`
    : `${figure(median(samples))}${unit}`;

/** A Markdown table: medians, with the smallest and the largest figure. */
export function resultTable(results: Result[]): string {
  const rows = results.map((result) => {
    const own = median(result.samples);
    const { peer, budget } = result;
    const missed =
      budget &&
      ((budget.max !== undefined && own > budget.max) || (budget.min !== undefined && own < budget.min));
    return [
      result.what,
      spread(result.samples, result.unit),
      peer ? `${peer.name}: ${spread(peer.samples, result.unit)}` : '',
      peer && median(peer.samples) > 0 ? (own / median(peer.samples)).toFixed(2) : '',
      budget ? `${budget.what}: ${missed ? '**missed**' : 'met'}` : '',
      result.note ?? '',
    ];
  });
  const head = ['what', 'Sluice', 'peer', 'ratio', 'budget', 'note'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
